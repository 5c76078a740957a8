// Package kubernetes holds the manifests in deploy/kubernetes against the types of the API, against each other, and against
// the options of the server. They are not run on a cluster here.
package kubernetes

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"

	"parley/internal/config"
)

// manifests are the objects of a file.
type manifests struct {
	*testing.T
	services map[string]core.Service
	sets     []apps.StatefulSet
	ingress  []networking.Ingress
	budgets  []policy.PodDisruptionBudget
	policies []networking.NetworkPolicy
	claims   map[string]core.PersistentVolumeClaim
}

// read decodes a file. A field that the API does not have is an error.
func read(t *testing.T, name string) *manifests {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../deploy/kubernetes", name))
	if err != nil {
		t.Fatal(err)
	}
	m := &manifests{T: t, services: map[string]core.Service{}, claims: map[string]core.PersistentVolumeClaim{}}
	for document := range bytes.SplitSeq(text, []byte("\n---\n")) {
		var of meta.TypeMeta
		if err := yaml.Unmarshal(document, &of); err != nil {
			t.Fatal(err)
		}
		strict := func(into any) {
			t.Helper()
			if err := yaml.UnmarshalStrict(document, into); err != nil {
				t.Errorf("%s: %v", of.Kind, err)
			}
		}
		switch kind := of.APIVersion + " " + of.Kind; kind {
		case "v1 Service":
			var s core.Service
			strict(&s)
			m.services[s.Name] = s
		case "v1 PersistentVolumeClaim":
			var c core.PersistentVolumeClaim
			strict(&c)
			m.claims[c.Name] = c
		case "apps/v1 StatefulSet":
			var s apps.StatefulSet
			strict(&s)
			m.sets = append(m.sets, s)
		case "networking.k8s.io/v1 Ingress":
			var i networking.Ingress
			strict(&i)
			m.ingress = append(m.ingress, i)
		case "networking.k8s.io/v1 NetworkPolicy":
			var p networking.NetworkPolicy
			strict(&p)
			m.policies = append(m.policies, p)
		case "policy/v1 PodDisruptionBudget":
			var b policy.PodDisruptionBudget
			strict(&b)
			m.budgets = append(m.budgets, b)
		default:
			t.Errorf("%s is new to this test", kind)
		}
	}
	if len(m.sets) != 1 || len(m.ingress) != 1 || len(m.sets[0].Spec.Template.Spec.Containers) != 1 {
		t.Fatalf("%s: got %d sets and %d ingresses, want one of each, with one container", name, len(m.sets), len(m.ingress))
	}
	return m
}

// secrets are values for the secret that the page makes.
var secrets = map[string]string{
	"database": "postgres://parley:secretWord@db.example.test/parley", "bus": "nats://parley:secretWord@nats.example.test:4222", "cluster-secret": "0123456789abcdef",
}

// configuration returns what the server of the first pod would run with.
func (m *manifests) configuration() config.Config {
	m.Helper()
	env := image(m.T)
	set := m.sets[0]
	values := map[string]string{}
	for _, v := range set.Spec.Template.Spec.Containers[0].Env {
		value := v.Value
		switch from := v.ValueFrom; {
		case from == nil:
		case from.SecretKeyRef != nil && from.SecretKeyRef.Name == "parley" && secrets[from.SecretKeyRef.Key] != "":
			value = secrets[from.SecretKeyRef.Key]
		case from.FieldRef != nil && from.FieldRef.FieldPath == "metadata.name":
			value = set.Name + "-0"
		default:
			m.Errorf("%s: its source is new to this test: %+v", v.Name, from)
		}
		// A variable can use those before it.
		value = regexp.MustCompile(`\$\((\w+)\)`).ReplaceAllStringFunc(value, func(found string) string {
			before, ok := values[strings.Trim(found, "$()")]
			if !ok {
				m.Errorf("%s: %s is not set before it", v.Name, found)
			}
			return before
		})
		values[v.Name] = value
		if strings.HasPrefix(v.Name, "PARLEY_") {
			env[v.Name] = value
		}
	}
	var all []string
	for variable, value := range env {
		m.Setenv(variable, value)
		all = append(all, variable+"="+value)
	}
	if strays, err := config.Strays(all); err != nil || len(strays) > 0 {
		m.Errorf("got %s, %v", strays, err)
	}
	c, err := config.Load("")
	if err != nil {
		m.Fatal(err)
	}
	return c
}

// image returns the variables of the Dockerfile.
func image(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for _, found := range regexp.MustCompile(`(PARLEY_\w+)=(\S+)`).FindAllStringSubmatch(string(text), -1) {
		env[found[1]] = found[2]
	}
	if !strings.Contains(string(text), "\nUSER 65532:65532\n") {
		t.Error("the user of the image is not the one of the pods")
	}
	return env
}

func TestManifests(t *testing.T) {
	for name, nodes := range map[string]int32{"single.yaml": 1, "cluster.yaml": 3} {
		t.Run(name, func(t *testing.T) {
			m := read(t, name)
			c := m.configuration()
			set := m.sets[0]
			pod := set.Spec.Template.Spec
			container := pod.Containers[0]
			if *set.Spec.Replicas != nodes || (c.Bus != "") != (nodes > 1) || (c.Database != "") != (nodes > 1) {
				t.Errorf("got %d nodes with bus %q", *set.Spec.Replicas, c.Bus)
			}
			if grace := time.Duration(*pod.TerminationGracePeriodSeconds) * time.Second; grace <= c.DrainTimeout {
				t.Errorf("a pod is killed after %s, and may drain for %s", grace, c.DrainTimeout)
			}

			// Everything that selects pods selects these.
			chosen := labels.Set(set.Spec.Template.Labels)
			selects := func(what string, s labels.Selector) {
				t.Helper()
				if s.Empty() || !s.Matches(chosen) {
					t.Errorf("%s selects %s, and the pods have %s", what, s, chosen)
				}
			}
			selector := func(what string, s *meta.LabelSelector) {
				t.Helper()
				of, err := meta.LabelSelectorAsSelector(s)
				if err != nil {
					t.Fatal(err)
				}
				selects(what, of)
			}
			selector("the set", set.Spec.Selector)
			for _, b := range m.budgets {
				selector("the budget", b.Spec.Selector)
				if b.Spec.MaxUnavailable.IntValue() != 1 {
					t.Errorf("got budget %+v", b.Spec)
				}
			}
			for _, p := range m.policies {
				selector("the policy", &p.Spec.PodSelector)
			}

			// The ports of the container are those of the server, and all others refer to them.
			ports := map[string]string{}
			for _, p := range container.Ports {
				ports[p.Name] = strconv.Itoa(int(p.ContainerPort))
			}
			for port, listen := range map[string]string{"http": c.Listen, "metrics": c.Metrics.Listen} {
				if listen != "0.0.0.0:"+ports[port] {
					t.Errorf("the server listens on %s for %s, and the container has %s", listen, port, ports[port])
				}
			}
			known := func(what string, port intstr.IntOrString) {
				t.Helper()
				if ports[port.StrVal] == "" {
					t.Errorf("%s leads to the port %s, which the container does not have", what, port.String())
				}
			}
			for name, s := range m.services {
				selects(name, labels.SelectorFromSet(s.Spec.Selector))
				for _, p := range s.Spec.Ports {
					known("the service "+name, p.TargetPort)
				}
			}
			for _, p := range m.policies {
				for _, rule := range p.Spec.Ingress {
					for _, port := range rule.Ports {
						known("the policy", *port.Port)
						if (port.Port.StrVal == "cluster") != (len(rule.From) > 0) {
							t.Errorf("the policy opens %s to %+v", port.Port, rule.From)
						}
					}
				}
			}
			for path, probe := range map[string]*core.Probe{"/healthz": container.LivenessProbe, "/readyz": container.ReadinessProbe, "/healthz ": container.StartupProbe} {
				if probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Path != strings.TrimSpace(path) {
					t.Errorf("got probe %+v, want %s", probe, path)
					continue
				}
				known("a probe", probe.HTTPGet.Port)
			}
			if long := time.Duration(container.StartupProbe.PeriodSeconds*container.StartupProbe.FailureThreshold) * time.Second; long < time.Hour {
				t.Errorf("a pod may start for %s, want at least an hour", long)
			}

			// The ingress leads to the service, and knows the times and sizes of the server.
			rule := m.ingress[0].Spec.Rules[0]
			backend := rule.HTTP.Paths[0].Backend.Service
			if c.PublicURL != "https://"+rule.Host || !slices.Equal(m.ingress[0].Spec.TLS[0].Hosts, []string{rule.Host}) {
				t.Errorf("the ingress serves %s, and people open %s", rule.Host, c.PublicURL)
			}
			if s, ok := m.services[backend.Name]; !ok || s.Spec.Ports[0].Name != backend.Port.Name || s.Spec.Ports[0].TargetPort.StrVal != "http" {
				t.Errorf("the ingress leads to %+v", backend)
			}
			for name, value := range m.ingress[0].Annotations {
				switch strings.TrimPrefix(name, "nginx.ingress.kubernetes.io/") {
				case "proxy-read-timeout", "proxy-send-timeout":
					seconds, err := strconv.Atoi(value)
					if longest := c.Socket.PingInterval + c.Socket.PingTimeout; err != nil || time.Duration(seconds)*time.Second <= longest {
						t.Errorf("%s is %s seconds, and a poll may take %s", name, value, longest)
					}
				case "proxy-body-size":
					mega, err := strconv.Atoi(strings.TrimSuffix(value, "m"))
					if err != nil || int64(mega)<<20 <= int64(c.Upload.MaxFile) {
						t.Errorf("%s is %s, and a file may have %s", name, value, c.Upload.MaxFile)
					}
				case "proxy-request-buffering", "proxy-buffering":
					if value != "off" {
						t.Errorf("%s is %s", name, value)
					}
				default:
					if strings.Contains(name, "affinity") {
						t.Errorf("%s: sessions need no affinity", name)
					}
				}
			}

			// The server is not root, and writes only to its volumes.
			if s := pod.SecurityContext; s.RunAsUser == nil || *s.RunAsUser != 65532 || !*s.RunAsNonRoot || *s.FSGroup != 65532 {
				t.Errorf("got security context %+v", s)
			}
			if s := container.SecurityContext; !*s.ReadOnlyRootFilesystem || *s.AllowPrivilegeEscalation {
				t.Errorf("got security context %+v", s)
			}
			volumes := map[string]bool{}
			for _, v := range pod.Volumes {
				volumes[v.Name] = true
				if p := v.PersistentVolumeClaim; p != nil && !slices.Contains(m.claims[p.ClaimName].Spec.AccessModes, core.ReadWriteMany) {
					t.Errorf("%s is not shared by the nodes", v.Name)
				}
			}
			for _, v := range set.Spec.VolumeClaimTemplates {
				volumes[v.Name] = true
				if nodes > 1 {
					t.Error("each node has a folder of its own, and they must share one")
				}
			}
			paths := map[string]bool{}
			for _, v := range container.VolumeMounts {
				paths[v.MountPath] = volumes[v.Name]
			}
			if !paths[c.Data] || !paths["/tmp"] {
				t.Errorf("got volumes at %v, and the data folder is %s", paths, c.Data)
			}

			if nodes == 1 {
				return
			}
			headless := m.services[set.Spec.ServiceName]
			if headless.Spec.ClusterIP != core.ClusterIPNone || !headless.Spec.PublishNotReadyAddresses {
				t.Errorf("the service of the names of nodes: got %+v", headless.Spec)
			}
			if want := fmt.Sprintf("%s-0.%s:%s", set.Name, headless.Name, ports["cluster"]); c.Cluster.Address != want || c.Cluster.Listen != "0.0.0.0:"+ports["cluster"] {
				t.Errorf("the other nodes reach the first at %s, and it listens on %s; want %s", c.Cluster.Address, c.Cluster.Listen, want)
			}
			if !c.Upload.Shared {
				t.Error("upload.shared is off, and the data folder is shared")
			}
			if len(m.budgets) != 1 || len(m.policies) != 1 {
				t.Errorf("got %d budgets and %d policies, want one of each", len(m.budgets), len(m.policies))
			}
		})
	}
}
