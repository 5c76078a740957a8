package config

import (
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// EnvPrefix is the prefix of every environment variable that sets an option.
const EnvPrefix = "PARLEY_"

// Default returns the configuration with all defaults. It reads neither a file nor the
// environment.
func Default() Config {
	var c Config
	if err := kong.ApplyDefaults(&c); err != nil {
		// The defaults are written in this package; a test loads them.
		panic(err)
	}
	return c
}

// Load returns the validated configuration from the file (none if the path is empty), the
// environment and flags. Its errors name the option, its source and the reason.
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

// Kong returns the option of kong that a command line with an embedded [Config] needs: it
// sets the names of the environment variables. Flags without a group have none.
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

// EnvName returns the name of the environment variable that sets the option.
func EnvName(option string) string {
	return EnvPrefix + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(option))
}

// File is the flag that names the configuration file.
type File string

// BeforeResolve adds the values of the file. Flags and the environment take precedence.
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

// Validate accepts every command line. Kong asks a resolver whether it fits the command
// line, but the file has options of the server, independent of the command.
func (f *file) Validate(*kong.Application) error { return nil }

// Resolve returns the value of an option in the file, nil if it is not there.
func (f *file) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	// In kong, a resolver takes precedence over the environment. Here, the environment does.
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
