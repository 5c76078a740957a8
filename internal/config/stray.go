package config

import (
	"fmt"
	"slices"
	"strings"
)

// notOptions are prefixes of variables with [EnvPrefix] that are not options.
var notOptions = []string{
	"PARLEY_CONFIG=", "PARLEY_TEST_", "PARLEY_BIN=", "PARLEY_ECHO_BIN=", "PARLEY_CLUSTER_BIN=", "PARLEY_SOAK=",
	// Kubernetes sets these variables for a service with the name parley.
	"PARLEY_SERVICE_", "PARLEY_PORT=", "PARLEY_PORT_",
}

// Strays returns the environment variables that look like options but are not, each with
// the option that has the most similar name. Otherwise a mistyped option would be ignored
// silently. They are not an error, because other programs may use them.
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

// nearestName returns the most similar name, "" if none is similar.
func nearestName(names map[string]bool, name string) string {
	best, least := "", (len(name)-len(EnvPrefix))/3+2
	for candidate := range names {
		if d := distance(name, candidate); d < least || d == least && best != "" && candidate < best {
			best, least = candidate, d
		}
	}
	return best
}
