// Package deptest holds the rule which package may import which. The table is
// the rule; ARCHITECTURE.md gives the reasons.
package deptest

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "parley"

// rules name, for a package or a tree of packages ("…/..."), what of this module
// it may import beside its own tree. The first rule that fits a package counts.
var rules = []struct {
	pkg  string
	may  []string
	what string
}{
	// Public, of use to programs that want no chat.
	{"engineio/...", nil, "the transport knows nothing above it"},
	{"socketio/...", []string{"engineio", "engineio/origin"}, "events stand on the transport alone"},

	// The inside, from the middle outwards.
	{"internal/chat", nil, "the domain imports nothing"},
	{"internal/wire/...", []string{"internal/chat", "internal/emoji"}, "the contract imports the domain, and knows what an emoji is"},
	{"internal/auth", []string{"internal/turn"}, "a leaf; passwords are checked in turn"},
	{"internal/config", []string{"engineio/origin"}, "a leaf, which checks origins as they are read"},
	{"internal/control", nil, "a leaf"},
	{"internal/turn", nil, "a leaf"},
	{"internal/blob/blobtest", []string{"test/port"}, "a storage service for tests"},
	{"internal/blob/...", []string{"internal/turn"}, "a leaf; pictures are made in turn"},
	{"internal/bus/...", []string{"internal/chat"}, "events between nodes"},
	{"internal/search", nil, "a leaf"},
	{"internal/emoji", nil, "a leaf"},
	{"internal/transfer", []string{"internal/chat"}, "formats of exports"},
	{"internal/settings", []string{"internal/chat", "internal/config"}, "values of the database over those of the configuration"},
	{"internal/webhook", nil, "a leaf; posts signed requests, whatever they say"},
	{"internal/forward", []string{"engineio/rawio"}, "a leaf; bytes of WebSockets are copied without a buffer per socket"},

	// Adapters: the domain, the contract, the leaves; never each other.
	{"internal/store/...", adapter(), "SQL"},
	{"internal/gateway/...", adapter("engineio", "socketio"), "events in"},
	{"internal/delivery/...", adapter("engineio", "socketio"), "events out"},

	// HTTP: the audiences import the core, never each other; only internal/rest knows them all.
	// There is no rule for internal/rest/..., so a new audience needs a line.
	{"internal/rest/openapi", nil, "forms of the document, without knowledge of its operations"},
	{"internal/rest/endpoint", adapter("engineio/origin", "internal/rest/openapi"), "the core of all audiences knows none of them"},
	{"internal/rest/host", audience(), "an audience"},
	{"internal/rest/client", audience(), "an audience"},
	{"internal/rest/admin", audience(), "an audience"},
	{"internal/rest/history", audience(), "an audience"},
	{"internal/rest/files", audience(), "an audience"},
	{"internal/rest/webhook", audience(), "an audience"},
	{"internal/rest", adapter("internal/rest/openapi", "internal/rest/endpoint", "internal/rest/host", "internal/rest/client", "internal/rest/admin", "internal/rest/history", "internal/rest/files", "internal/rest/webhook"), "all audiences on one router"},
	{"internal/rest/resttest", []string{"..."}, "a server for tests"},

	// Only these know everyone.
	{"internal/server/demo", []string{"internal/chat"}, "invented people, made by the rules alone"},
	{"internal/server/...", []string{"..."}, "the composition root"},
	{"cmd/parley", []string{"internal/server/...", "internal/config", "internal/control", "internal/chat", "internal/auth"}, "commands without logic"},
	{"packaging/...", nil, "makes the files of a release, with the tools of Go alone"},
	{"web/...", nil, "files to be embedded"},
	{"test/...", []string{"..."}, "tests may look everywhere"},
}

func adapter(more ...string) []string {
	return append([]string{"internal/chat", "internal/wire", "internal/auth", "internal/config", "internal/blob", "internal/bus", "internal/search", "internal/turn"}, more...)
}

// audience lists what an audience of the HTTP side may import.
func audience() []string {
	return adapter("engineio/origin", "internal/rest/endpoint", "internal/rest/openapi")
}

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		i := slices.IndexFunc(rules, func(r struct {
			pkg  string
			may  []string
			what string
		},
		) bool {
			return fits(r.pkg, name)
		})
		if i < 0 {
			t.Errorf("no rule for %s: say in this file what it may import", p.ImportPath)
			continue
		}
		rule := rules[i]
		for _, imported := range p.Imports {
			other, ours := strings.CutPrefix(imported, module+"/")
			if !ours || strings.HasSuffix(rule.pkg, "/...") && fits(rule.pkg, other) {
				continue
			}
			if !slices.ContainsFunc(rule.may, func(may string) bool { return fits(may, other) }) {
				t.Errorf("%s must not import %s: %s", name, other, rule.what)
			}
		}
	}
}

// The server of NATS is for tests. Linked into parley, it would add tens of megabytes.
func TestNoServerOfNATS(t *testing.T) {
	command := exec.CommandContext(t.Context(), "go", "list", "-deps", module+"/cmd/parley")
	command.Dir = "../.."
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, "github.com/nats-io/nats.go") {
		t.Error("parley is without the client of NATS, so that this test finds nothing")
	}
	for _, d := range deps {
		if strings.HasPrefix(d, "github.com/nats-io/nats-server/") || d == module+"/test/nats" {
			t.Errorf("parley has %s", d)
		}
	}
}

// A rule that an earlier one hides guards nothing.
func TestRulesAreReachable(t *testing.T) {
	for i, r := range rules {
		for _, earlier := range rules[:i] {
			if fits(earlier.pkg, strings.TrimSuffix(r.pkg, "/...")) {
				t.Errorf("the rule for %s is never reached: %s comes first", r.pkg, earlier.pkg)
			}
		}
	}
}

func TestFits(t *testing.T) {
	for _, c := range []struct {
		pattern, pkg string
		want         bool
	}{
		{"internal/chat", "internal/chat", true},
		{"internal/chat", "internal/chat/x", false},
		{"internal/chat/...", "internal/chat", true},
		{"internal/chat/...", "internal/chat/x", true},
		{"internal/chat/...", "internal/chatter", false},
		{"...", "anything", true},
	} {
		if got := fits(c.pattern, c.pkg); got != c.want {
			t.Errorf("fits(%q, %q): got %v, want %v", c.pattern, c.pkg, got, c.want)
		}
	}
}

func fits(pattern, pkg string) bool {
	tree, isTree := strings.CutSuffix(pattern, "...")
	if !isTree {
		return pattern == pkg
	}
	return tree == "" || pkg == path.Clean(tree) || strings.HasPrefix(pkg, tree)
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"/...")
	command.Dir = "../.."
	out, err := command.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 5 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	return all
}
