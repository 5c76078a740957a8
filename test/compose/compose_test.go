// Package compose holds compose.yaml, compose.cluster.yaml and the Dockerfile against the options of the server: a renamed
// option would otherwise be ignored in a container, and be noticed only there.
package compose

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"parley/internal/config"
)

// file is the part of a compose file that the server depends on.
type file struct {
	Services map[string]service
	Networks map[string]struct {
		IPAM struct{ Config []struct{ Subnet string } }
	}
	Configs map[string]struct{ Content string }
	Volumes map[string]any
}

type service struct {
	Build           string
	Image           string
	Command         []string
	Environment     map[string]string
	Ports, Volumes  []string
	StopGracePeriod time.Duration `yaml:"stop_grace_period"`
	Ulimits         struct{ NoFile int }
	Configs         []struct{ Source, Target string }
}

// given are values for the variables that a file demands.
var given = map[string]string{"POSTGRES_PASSWORD": "secretWord", "PARLEY_CLUSTER_SECRET": "0123456789abcdef"}

var variable = regexp.MustCompile(`\$\{(\w+):\?[^}]+\}`)

func read(t *testing.T, name string) file {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	filled := variable.ReplaceAllStringFunc(string(text), func(found string) string {
		value, ok := given[variable.FindStringSubmatch(found)[1]]
		if !ok {
			t.Errorf("%s: %s is new to this test", name, found)
		}
		return value
	})
	var f file
	if err := yaml.Unmarshal([]byte(filled), &f); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return f
}

var environment = regexp.MustCompile(`(PARLEY_\w+)=(\S+)`)

// image returns the variables of the Dockerfile, and the arguments of its command.
func image(t *testing.T) (env map[string]string, args []string) {
	t.Helper()
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	env = map[string]string{}
	for _, found := range environment.FindAllStringSubmatch(string(text), -1) {
		env[found[1]] = found[2]
	}
	_, command, ok := strings.Cut(string(text), "\nCMD ")
	if !ok || yaml.Unmarshal([]byte(command), &args) != nil || !slices.Equal(args, []string{"serve"}) {
		t.Fatalf("the command of the image: got %q, %q", command, args)
	}
	return env, args[1:]
}

// configuration returns what the server of a service would run with.
func configuration(t *testing.T, name string, s service) config.Config {
	t.Helper()
	env, args := image(t)
	for variable, value := range s.Environment {
		env[variable] = value
	}
	if s.Command != nil {
		args = s.Command[1:]
	}
	var all []string
	for variable, value := range env {
		t.Setenv(variable, value)
		all = append(all, variable+"="+value)
	}
	strays, err := config.Strays(all)
	if err != nil || len(strays) > 0 {
		t.Errorf("%s: %s, %v", name, strays, err)
	}
	c, err := config.Load("", args...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	port := port(t, c.Listen)
	for _, published := range s.Ports {
		if !strings.HasPrefix(published, "127.0.0.1:") || !strings.HasSuffix(published, ":"+port) {
			t.Errorf("%s publishes %s, and the server listens on %s", name, published, c.Listen)
		}
	}
	if !slices.Equal(s.Volumes, []string{"data:" + c.Data}) {
		t.Errorf("%s: got volumes %s, and the data folder is %s", name, s.Volumes, c.Data)
	}
	if s.StopGracePeriod <= c.DrainTimeout {
		t.Errorf("%s: it is killed after %s, and may drain for %s", name, s.StopGracePeriod, c.DrainTimeout)
	}
	if s.Ulimits.NoFile <= c.Socket.MaxSessions {
		t.Errorf("%s: got %d files for %d clients", name, s.Ulimits.NoFile, c.Socket.MaxSessions)
	}
	return c
}

func port(t *testing.T, address string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestCompose(t *testing.T) {
	f := read(t, "compose.yaml")
	for name, s := range f.Services {
		if c := configuration(t, name, s); c.Database != "" || c.Bus != "" {
			t.Errorf("%s: got database %s and bus %s, want neither", name, c.Database, c.Bus)
		}
	}
	if len(f.Services) != 1 || len(f.Volumes) != 1 {
		t.Errorf("got %d services and %d volumes, want 1", len(f.Services), len(f.Volumes))
	}
}

func TestComposeCluster(t *testing.T) {
	f := read(t, "compose.cluster.yaml")
	balancer := f.Services["balancer"]
	if len(balancer.Configs) != 1 || len(balancer.Ports) != 1 || len(f.Networks["default"].IPAM.Config) != 1 {
		t.Fatalf("got balancer %+v and networks %+v", balancer, f.Networks)
	}
	subnet, rules := f.Networks["default"].IPAM.Config[0].Subnet, f.Configs[balancer.Configs[0].Source].Content
	var nodes []string
	for name, s := range f.Services {
		if s.Build == "" {
			if s.Image == "" {
				t.Errorf("%s has no image", name)
			}
			continue
		}
		nodes = append(nodes, name)
		t.Run(name, func(t *testing.T) {
			c := configuration(t, name, s)
			database, err := url.Parse(string(c.Database))
			if err != nil {
				t.Fatal(err)
			}
			password, _ := database.User.Password()
			hosted := f.Services[database.Hostname()].Environment
			if hosted["POSTGRES_USER"] != database.User.Username() || hosted["POSTGRES_PASSWORD"] != password || database.Path != "/"+database.User.Username() {
				t.Errorf("got %s, and the database has %v", database.Redacted(), hosted)
			}
			for _, server := range c.Bus.URLs() {
				if u, err := url.Parse(server); err != nil || f.Services[u.Hostname()].Image == "" || u.Port() != "4222" {
					t.Errorf("got bus %s, %v, and there is no such service", server, err)
				}
			}
			if want := net.JoinHostPort(name, port(t, c.Cluster.Listen)); c.Cluster.Address != want {
				t.Errorf("the other nodes reach it at %s, want %s", c.Cluster.Address, want)
			}
			if !c.Upload.Shared {
				t.Error("upload.shared is off, and the data folder is shared")
			}
			if !slices.Equal(c.HTTP.TrustedProxies, []string{subnet}) {
				t.Errorf("trusted proxies: got %s, want the network of the balancer, %s", c.HTTP.TrustedProxies, subnet)
			}
			if line := fmt.Sprintf("server %s %s:%s\n", name, name, port(t, c.Listen)); !strings.Contains(rules, line) {
				t.Errorf("the balancer has no line %q", line)
			}
			for _, side := range []string{"client", "server"} {
				found := regexp.MustCompile(`timeout ` + side + ` (\S+)\n`).FindStringSubmatch(rules)
				if found == nil {
					t.Fatalf("the balancer has no timeout for the %s", side)
				}
				timeout, err := time.ParseDuration(found[1])
				if longest := c.Socket.PingInterval + c.Socket.PingTimeout; err != nil || timeout <= longest {
					t.Errorf("the timeout of the balancer for the %s is %s, %v, and a poll may take %s", side, timeout, err, longest)
				}
			}
		})
	}
	if len(nodes) != 3 || strings.Count(rules, "\n  server ") != len(nodes) {
		t.Errorf("got nodes %s, want three, all of them behind the balancer:\n%s", nodes, rules)
	}
	if want := ":" + regexp.MustCompile(`bind :(\d+)`).FindStringSubmatch(rules)[1]; !strings.HasSuffix(balancer.Ports[0], want) {
		t.Errorf("the balancer publishes %s and listens on %s", balancer.Ports[0], want)
	}
}
