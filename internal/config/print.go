package config

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// flags returns the options of c in the order of the struct, with their values.
func flags(c *Config) ([]*kong.Flag, error) {
	parser, err := kong.New((*Options)(c), append(Kong(), kong.Name("parley"), kong.NoDefaultHelp())...)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return parser.Model.Flags, nil
}

// Print writes c as a file that [Load] can read. It omits secrets, and options that are
// refused without a secret, and adds comments about that.
func Print(w io.Writer, c Config) error {
	root := &yaml.Node{Kind: yaml.MappingNode}
	sections := map[string]*yaml.Node{"": root}
	withheld := map[string]string{}
	// A secret from a file is omitted: loading the printed configuration reads the file
	// again.
	if c.Upload.SecretKeyFile != "" {
		c.Upload.SecretKey = ""
	}
	if c.Auth.OIDC.ClientSecretFile != "" {
		c.Auth.OIDC.ClientSecret = ""
	}
	if c.Cluster.SecretFile != "" {
		c.Cluster.Secret = ""
	}
	if c.Cluster.Secret != "" {
		withheld["cluster.listen"], withheld["cluster.address"], withheld["cluster.secret"] = c.Cluster.Listen, c.Cluster.Address, "set, not shown"
		withheld["cluster.tls-cert"], withheld["cluster.tls-key"], withheld["cluster.tls-ca"] = c.Cluster.TLSCert, c.Cluster.TLSKey, c.Cluster.TLSCA
	}
	if c.Upload.SecretKey != "" {
		withheld["blob"], withheld["upload.access-key"], withheld["upload.secret-key"] = c.Blob, c.Upload.AccessKey, "set, not shown"
	}
	if c.Auth.OIDC.ClientSecret != "" {
		withheld["auth.oidc.client-secret"] = "set, not shown"
	}
	options, err := flags(&c)
	if err != nil {
		return err
	}
	var comments []string // for the next printed option
	for _, flag := range options {
		section, leaf, _ := cutLast(flag.Name)
		in := sectionNode(sections, section)
		if text, ok := withheld[flag.Name]; ok {
			comments = append(comments, leaf+": "+text)
			continue
		}
		key, value := &yaml.Node{Kind: yaml.ScalarNode, Value: leaf, HeadComment: strings.Join(comments, "\n")}, &yaml.Node{}
		comments = nil
		switch v := flag.Target.Interface().(type) {
		case Providers:
			if value, err = v.shown(); err != nil {
				return fmt.Errorf("config: %s: %w", flag.Name, err)
			}
		case string:
			value.SetString(v)
		case fmt.Stringer: // durations and sizes
			value.SetString(v.String())
		default:
			if err := value.Encode(v); err != nil {
				return fmt.Errorf("config: %s: %w", flag.Name, err)
			}
			value.Style = yaml.FlowStyle
		}
		in.Content = append(in.Content, key, value)
	}
	e := yaml.NewEncoder(w)
	e.SetIndent(2)
	if err := e.Encode(root); err != nil {
		return fmt.Errorf("config: %w", err)
	}
	return e.Close()
}

// sectionNode returns the mapping of a section, and adds it and its parents if necessary.
func sectionNode(sections map[string]*yaml.Node, name string) *yaml.Node {
	if node := sections[name]; node != nil {
		return node
	}
	parent, leaf, _ := cutLast(name)
	in, node := sectionNode(sections, parent), &yaml.Node{Kind: yaml.MappingNode}
	sections[name] = node
	in.Content = append(in.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: leaf}, node)
	return node
}

// Doc writes the page docs/config.md.
func Doc(w io.Writer) error {
	c := Default()
	options, err := flags(&c)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(`# Configuration

<!-- Made by "parley config doc" from internal/config/config.go. Do not edit. -->

Every option has a default. The value of an option comes from the command line; if it is not there, from the environment; then from the file
that ` + "`--config`" + ` or ` + "`PARLEY_CONFIG`" + ` names. The file is YAML, and each dot in the name of an option is a level:

` + "```yaml" + `
listen: 0.0.0.0:8080
socket:
  allowed-origins: [https://chat.example.test]
` + "```" + `

A secret cannot be given as a flag, because every user of the machine can read the arguments of a command. It comes from the environment, from the
configuration file, or from a separate file, which is named by the option that ends in ` + "`-file`" + `: [Secrets](operations/install.md#secrets).

*Setting* marks an option that can be changed while the server runs, by an owner or administrator in the browser or with ` + "`parley settings`" + `.
The database keeps the change for all nodes. It takes precedence over the default only: an option that is given by a flag, the environment or the file is fixed.

Lists are separated by commas on the command line and in the environment. Durations are written like 90s, 5m or 720h,
sizes like 1000000, 64KiB or 4MiB. ` + "`parley config check`" + ` reports the errors of a configuration; ` + "`parley config print`" + ` shows the values in use.
`)
	group := ""
	for _, flag := range options {
		if flag.Group.Title != group {
			group = flag.Group.Title
			fmt.Fprintf(&b, "\n## %s\n\n| option, variable | default | meaning |\n| --- | --- | --- |\n", group)
		}
		value := "none"
		if flag.HasDefault && flag.Default != "" {
			value = "`" + flag.Default + "`"
		}
		help := strings.ReplaceAll(strings.TrimSpace(flag.Help), "|", `\|`)
		if flag.Tag.Has("live") {
			help += " *Setting.*"
		}
		fmt.Fprintf(&b, "| `%s`<br>`%s` | %s | %s |\n", flag.Name, EnvName(flag.Name), value, help)
	}
	_, err = io.WriteString(w, b.String())
	return err
}
