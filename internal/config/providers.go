package config

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// MainProvider is the id of the provider of the options auth.oidc.
const MainProvider = "main"

// Provider is an OpenID Connect provider with the id that is in its addresses.
type Provider struct {
	ID   string `yaml:"id"`
	OIDC `yaml:",inline"`

	// Problem is what is wrong with a text that should be a list of providers; [Config.Validate] reports it. An error while
	// the text is decoded would repeat the text, which may have secrets.
	Problem string `yaml:"-"`
}

// Providers are further OpenID Connect providers. As a text they are a list in YAML or JSON.
type Providers []Provider

// UnmarshalText reads a list.
func (p *Providers) UnmarshalText(text []byte) error {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		*p = Providers{{Problem: "must be a list in YAML or JSON"}}
		return nil
	}
	*p = nil
	if len(document.Content) == 0 {
		return nil
	}
	read, _, err := readProviders(document.Content[0])
	if err != nil {
		read = Providers{{Problem: err.Error()}}
	}
	*p = read
	return nil
}

// BeforeApply refuses secrets on the command line; see [Secret.BeforeApply].
func (p Providers) BeforeApply(ctx *kong.Context, at *kong.Path) error {
	if at.Resolved || !slices.Contains(ctx.Path, at) {
		return nil
	}
	value, _ := ctx.FlagValue(at.Flag).(Providers)
	if slices.ContainsFunc(value, func(one Provider) bool { return one.ClientSecret != "" }) {
		return fmt.Errorf("--%s: a secret on the command line can be read by every user of this machine; use client-secret-file, "+
			"%s or the configuration file, and replace the secret if it was real", at.Flag.Name, EnvName(at.Flag.Name))
	}
	return nil
}

// readProviders reads the list. An error is about the returned node.
func readProviders(n *yaml.Node) (Providers, *yaml.Node, error) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return nil, nil, nil
	}
	if n.Kind != yaml.SequenceNode {
		return nil, n, fmt.Errorf("expected a list of providers but got %s", shapeOf(n))
	}
	var all Providers
	for i, item := range n.Content {
		one, at, err := readProvider(item)
		if err != nil {
			return nil, at, fmt.Errorf("entry %d: %w", i+1, err)
		}
		all = append(all, one)
	}
	return all, nil, nil
}

func readProvider(n *yaml.Node) (p Provider, at *yaml.Node, err error) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		return p, n, fmt.Errorf("expected options, each with a value, but got %s", shapeOf(n))
	}
	fields := p.fields()
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		field, ok := fields[key.Value]
		if !ok {
			return p, key, unknownField(fields, key.Value)
		}
		if seen[key.Value] {
			return p, key, fmt.Errorf("%s is set twice", key.Value)
		}
		seen[key.Value] = true
		if err := field(value); err != nil {
			return p, value, fmt.Errorf("%s: %w", key.Value, err)
		}
	}
	return p, nil, nil
}

// fields returns how each option of the provider is read.
func (p *Provider) fields() map[string]func(*yaml.Node) error {
	fields := map[string]func(*yaml.Node) error{}
	add := func(of reflect.Value) {
		for i := range of.NumField() {
			if name, _, _ := strings.Cut(of.Type().Field(i).Tag.Get("yaml"), ","); name != "-" && name != "" {
				fields[name] = func(n *yaml.Node) error { return readField(n, of.Field(i)) }
			}
		}
	}
	add(reflect.ValueOf(p).Elem())
	add(reflect.ValueOf(&p.OIDC).Elem())
	return fields
}

func readField(n *yaml.Node, into reflect.Value) error {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if into.Kind() == reflect.Slice {
		return readStrings(n, into)
	}
	if n.Kind != yaml.ScalarNode {
		return fmt.Errorf("expected a value but got %s", shapeOf(n))
	}
	if n.Tag == "!!null" {
		return nil
	}
	if into.Kind() != reflect.Bool {
		into.SetString(n.Value)
		return nil
	}
	on, err := strconv.ParseBool(n.Value)
	if err != nil {
		return errors.New("must be true or false")
	}
	into.SetBool(on)
	return nil
}

// readStrings takes a list, or a text with commas as on the command line.
func readStrings(n *yaml.Node, into reflect.Value) error {
	var texts []string
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
	case n.Kind == yaml.ScalarNode:
		texts = strings.Split(n.Value, ",")
	case n.Kind != yaml.SequenceNode:
		return fmt.Errorf("expected a list but got %s", shapeOf(n))
	default:
		for _, item := range n.Content {
			if item.Kind != yaml.ScalarNode {
				return fmt.Errorf("expected a list of plain values but got %s in it", shapeOf(item))
			}
			texts = append(texts, item.Value)
		}
	}
	into.Set(reflect.ValueOf(texts))
	return nil
}

// shapeOf is kindName without the value, which may be a secret.
func shapeOf(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return "a plain value"
	}
	return kindName(n)
}

func unknownField(fields map[string]func(*yaml.Node) error, name string) error {
	best, least := "", len(name)/3+2
	for candidate := range fields {
		if d := distance(name, candidate); d < least || d == least && best != "" && candidate < best {
			best, least = candidate, d
		}
	}
	if best == "" {
		return fmt.Errorf("unknown option %q", name)
	}
	return fmt.Errorf("unknown option %q, did you mean %q?", name, best)
}

// AllProviders returns all providers: first that of the options auth.oidc, with the id
// [MainProvider], then the further ones with their defaults.
func (a *Auth) AllProviders() []Provider {
	var all []Provider
	if a.OIDC.Issuer != "" {
		all = append(all, Provider{ID: MainProvider, OIDC: a.OIDC})
	}
	for _, p := range a.Providers {
		if p.Name == "" {
			p.Name = p.ID
		}
		if len(p.Scopes) == 0 {
			p.Scopes = []string{"openid", "profile", "email"}
		}
		all = append(all, p)
	}
	return all
}

// ways are the names of the other ways to sign in, beside which the ids of providers stand in settings.
var ways = []string{"code", "mail", "password"}

// providerID matches what can be in an address as it is.
var providerID = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

func (c *Config) checkProviders(bad report) {
	if o := c.Auth.OIDC; o.Issuer != "" {
		checkProvider(bad, "auth.oidc", o)
	} else if o.ClientID != "" || o.ClientSecret != "" {
		bad("auth.oidc.issuer", "must be set with client-id and client-secret")
	}
	all := c.Auth.AllProviders()
	ids, issuers := map[string]bool{}, map[string]string{}
	for i, p := range all {
		name := "auth.oidc"
		if entry := i - len(all) + len(c.Auth.Providers); entry >= 0 {
			if p.Problem != "" {
				bad("auth.providers", "%s", p.Problem)
				continue
			}
			name = fmt.Sprintf("auth.providers[%s]", p.ID)
			switch {
			case !providerID.MatchString(p.ID):
				bad(fmt.Sprintf("auth.providers: entry %d: id", entry+1), "must be set to small letters, digits and dashes, at most 32, like example-login; got %q", p.ID)
				continue
			case slices.Contains(ways, p.ID):
				bad(name+".id", "is the name of another way to sign in; choose a different one")
			case ids[p.ID]:
				bad(name+".id", "is the id of another provider, too; %s is that of auth.oidc", MainProvider)
			}
			if p.Issuer == "" {
				bad(name+".issuer", "must be set")
				continue
			}
			checkProvider(bad, name, p.OIDC)
		}
		ids[p.ID] = true
		// Identities are told apart by their issuer.
		issuer := strings.TrimRight(p.Issuer, "/")
		if other := issuers[issuer]; other != "" {
			bad(name+".issuer", "is that of %s, too", other)
		}
		issuers[issuer] = name
	}
}

// checkProvider checks the options of a provider that has an issuer; name is what they belong to.
func checkProvider(bad report, name string, o OIDC) {
	// Without TLS, somebody between the server and the provider could sign in as anybody.
	u, err := url.Parse(o.Issuer)
	switch {
	case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "":
		bad(name+".issuer", "%q is no address of a provider; write it like https://login.example.test", o.Issuer)
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		bad(name+".issuer", "%q must begin with https://; http:// is for this machine only", o.Issuer)
	}
	if o.ClientID == "" {
		bad(name+".client-id", "must be set with %s.issuer", name)
	}
	if !slices.Contains(o.Scopes, "openid") {
		bad(name+".scopes", "must have openid")
	}
	if o.Organization != "" && !o.Create {
		bad(name+".organization", "is for the accounts that %s.create makes", name)
	}
}

// shown returns the list without secrets, with comments about those that are not in files.
func (p Providers) shown() (*yaml.Node, error) {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	if len(p) == 0 {
		list.Style = yaml.FlowStyle
	}
	for _, one := range p {
		isSet := one.ClientSecret != "" && one.ClientSecretFile == ""
		one.ClientSecret = ""
		item := &yaml.Node{}
		if err := item.Encode(one); err != nil {
			return nil, err
		}
		if isSet {
			item.HeadComment = "client-secret: set, not shown"
		}
		list.Content = append(list.Content, item)
	}
	return list, nil
}
