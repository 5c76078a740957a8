package rest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"parley/internal/server/servertest"
)

// The examples of docs/host-api.md are run, one after the other in one shell,
// and print what the page says they print; … stands for anything.
func TestGuideWorks(t *testing.T) {
	s := servertest.Start(t)
	page := readFile(t, filepath.Join("..", "..", "docs", "host-api.md"))
	fences := regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$").FindAllStringSubmatch(page, -1)
	var script strings.Builder
	script.WriteString("set -eu\n")
	type example struct{ code, kind, want string }
	var examples []example
	for _, f := range fences {
		if f[1] == "js" {
			continue // test/clients runs it
		}
		if f[1] == "sh" {
			fmt.Fprintf(&script, "%s\nprintf '\\n--- next ---\\n'\n", f[2])
			examples = append(examples, example{code: f[2]})
			continue
		}
		last := &examples[len(examples)-1]
		last.kind, last.want = f[1], f[2]
	}
	if len(examples) < 10 {
		t.Fatalf("the page has %d examples, want all that it had", len(examples))
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script.String())
	cmd.Env = append(os.Environ(), "PARLEY="+s.URL, "APP_KEY="+s.HostApp.App, "APP_SECRET="+s.HostApp.Secret, "CLIENT_APP="+s.App)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, stderr.String())
	}
	printed := strings.Split(string(out), "\n--- next ---\n")
	for i, e := range examples {
		got := strings.TrimSpace(printed[i])
		switch e.kind {
		case "json":
			g, w := documents(t, got), documents(t, e.want)
			if len(g) != len(w) {
				t.Errorf("%s\nprints\n%s\nwant %d documents", e.code, got, len(w))
				continue
			}
			for j := range w {
				if !fits(g[j], w[j]) {
					t.Errorf("%s\nprints\n%s\nwant\n%s", e.code, toJSON(g[j]), toJSON(w[j]))
				}
			}
		case "text":
			if got != strings.TrimSpace(e.want) {
				t.Errorf("%s\nprints\n%s\nwant\n%s", e.code, got, e.want)
			}
		default:
			t.Errorf("nothing says what this prints:\n%s", e.code)
		}
	}
}

func documents(t *testing.T, text string) (out []any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	for {
		var v any
		err := d.Decode(&v)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		out = append(out, v)
	}
}

// fits compares, where … fits everything but nothing.
func fits(got, want any) bool {
	if want == "…" {
		return got != nil
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for k := range w {
			if !fits(g[k], w[k]) {
				return false
			}
		}
		return true
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if !fits(g[i], w[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(got, want)
}
