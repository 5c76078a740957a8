package config

import (
	"fmt"
	"slices"
	"strings"
)

// notOptions begin variables that are ours without being options.
var notOptions = []string{
	"PARLEY_CONFIG=", "PARLEY_TEST_", "PARLEY_BIN=", "PARLEY_ECHO_BIN=", "PARLEY_SOAK=",
	// What Kubernetes sets where a service is called parley.
	"PARLEY_SERVICE_", "PARLEY_PORT=", "PARLEY_PORT_",
}

// Strays returns the variables of the environment that look like options and are
// none, each with the option that was probably meant: a mistyped one would be
// ignored in silence. They are no error: other programs set variables too.
func Strays(environ []string) ([]string, error) {
	known, err := newModel()
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for option := range known.options {
		names[EnvName(option)] = true
	}
	var strays []string
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		ours := slices.ContainsFunc(notOptions, func(prefix string) bool { return strings.HasPrefix(variable, prefix) })
		if !strings.HasPrefix(name, EnvPrefix) || names[name] || ours {
			continue
		}
		stray := fmt.Sprintf("%s is no option", name)
		if near := nearestName(names, name); near != "" {
			stray += fmt.Sprintf(", did you mean %s?", near)
		}
		strays = append(strays, stray)
	}
	slices.Sort(strays)
	return strays, nil
}

// nearestName returns the name that another was probably meant to be, "" when none is near.
func nearestName(names map[string]bool, name string) string {
	best, least := "", (len(name)-len(EnvPrefix))/3+2
	for candidate := range names {
		if d := distance(name, candidate); d < least || d == least && best != "" && candidate < best {
			best, least = candidate, d
		}
	}
	return best
}
