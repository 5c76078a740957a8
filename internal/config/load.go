package config

import (
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// EnvPrefix begins the name of every variable that is an option.
const EnvPrefix = "PARLEY_"

// Default returns the configuration that nobody touched. It reads neither a file
// nor the environment.
func Default() Config {
	var c Config
	if err := kong.ApplyDefaults(&c); err != nil {
		// The defaults are written in this package; a test loads them.
		panic(err)
	}
	return c
}

// Load returns the configuration out of the file (none when the path is empty),
// the environment and flags, checked. Its errors say which option of which
// source is wrong and why.
func Load(path string, flags ...string) (Config, error) {
	options := append(Kong(), kong.Name("parley"), kong.NoDefaultHelp())
	if path != "" {
		f, err := open(path)
		if err != nil {
			return Config{}, err
		}
		options = append(options, kong.Resolvers(f))
	}
	var c Config
	parser, err := kong.New(&c, options...)
	if err != nil {
		return Config{}, fmt.Errorf("config: %w", err)
	}
	// Parse calls Validate.
	if _, err := parser.Parse(flags); err != nil {
		return Config{}, err
	}
	return c, nil
}

// Kong returns what a command line needs that embeds [Config]: the names of the
// environment's variables. Flags that belong to no group have none.
func Kong() []kong.Option {
	return []kong.Option{kong.PostBuild(func(k *kong.Kong) error {
		nameEnvironment(k.Model.Node)
		return nil
	})}
}

func nameEnvironment(n *kong.Node) {
	for _, flag := range n.Flags {
		if flag.Group != nil {
			name := EnvName(flag.Name)
			flag.Envs, flag.Tag.Envs = []string{name}, []string{name}
		}
	}
	for _, child := range n.Children {
		nameEnvironment(child)
	}
}

// EnvName returns the variable that sets the option.
func EnvName(option string) string {
	return EnvPrefix + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(option))
}

// File is the flag that names the configuration file.
type File string

// BeforeResolve puts the file's values below those of flags and environment.
func (f File) BeforeResolve(ctx *kong.Context, trace *kong.Path) error {
	path, _ := ctx.FlagValue(trace.Flag).(File)
	if path == "" {
		return nil
	}
	file, err := open(string(path))
	if err != nil {
		return err
	}
	ctx.AddResolver(file)
	return nil
}

// Validate says nothing: kong asks a resolver whether it fits the command line,
// but a file holds options of the server, whatever the command is.
func (f *file) Validate(*kong.Application) error { return nil }

// Resolve returns the file's value of an option, nil where it has none.
func (f *file) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	// Kong puts what a resolver says above the environment; ours is the other order.
	for _, env := range flag.Envs {
		if _, ok := os.LookupEnv(env); ok {
			return nil, nil
		}
	}
	if flag.Group == nil {
		return nil, nil
	}
	if e, ok := f.entries[flag.Name]; ok {
		return e.value, nil
	}
	return nil, nil
}
