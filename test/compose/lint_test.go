package compose

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// The parser and the linter of Docker read the Dockerfile. Containers are not run here.
func TestDockerfile(t *testing.T) {
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	stages := dockerfile(t, text, func(rule, message string) { t.Errorf("%s: %s", rule, message) })
	if len(stages) != 2 || stages[1].BaseName != "scratch" {
		t.Fatalf("got %d stages, want one that builds and one with nothing but the program", len(stages))
	}
	var user, health, entry string
	for _, c := range stages[1].Commands {
		switch c := c.(type) {
		case *instructions.UserCommand:
			user = c.User
		case *instructions.HealthCheckCommand:
			health = strings.Join(c.Health.Test, " ")
		case *instructions.EntrypointCommand:
			entry = strings.Join(c.CmdLine, " ")
		}
	}
	if user != "65532:65532" || health != "CMD /parley health" || entry != "/parley" {
		t.Errorf("got user %q, health check %q and program %q", user, health, entry)
	}

	// The linter finds something, so that its silence above means something.
	var found []string
	dockerfile(t, []byte("FROM scratch as base\nfrom base\nMAINTAINER somebody\nCMD serve\n"), func(rule, _ string) { found = append(found, rule) })
	for _, want := range []string{"FromAsCasing", "MaintainerDeprecated"} {
		if !slices.Contains(found, want) {
			t.Errorf("the linter found %v, want also %s", found, want)
		}
	}
}

func dockerfile(t *testing.T, text []byte, warn func(rule, message string)) []instructions.Stage {
	t.Helper()
	parsed, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range parsed.Warnings {
		warn("parser", w.Short)
	}
	stages, _, err := instructions.Parse(parsed.AST, linter.New(&linter.Config{
		Warn: func(rule, _, _, message string, _ []parser.Range) { warn(rule, message) },
	}))
	if err != nil {
		t.Fatal(err)
	}
	return stages
}

// The loader of Docker Compose reads the files with its schema.
func TestComposeSchema(t *testing.T) {
	for _, name := range []string{"compose.yaml", "compose.cluster.yaml"} {
		file := filepath.Join("..", "..", name)
		project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
			WorkingDir: "../..", ConfigFiles: []types.ConfigFile{{Filename: file}}, Environment: given,
		}, func(o *loader.Options) { o.SetProjectName("parley", true) })
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, s := range project.Services {
			if s.Build != nil && !strings.HasSuffix(s.Build.Context, "parley") && s.Build.Dockerfile != "Dockerfile" {
				t.Errorf("%s: %s is built from %+v", name, s.Name, s.Build)
			}
		}
	}
}
