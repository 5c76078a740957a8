package chat_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"parley/internal/chat"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Clients compare these texts letter by letter. The golden file is made from
// the source, so that a new refusal cannot be forgotten in it.
func TestErrorTexts(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "error.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	ast.Inspect(file, func(n ast.Node) bool {
		spec, isValue := n.(*ast.ValueSpec)
		if !isValue {
			return true
		}
		for i, name := range spec.Names {
			text, isText := spec.Values[i].(*ast.BasicLit)
			if !isText {
				continue
			}
			words, err := strconv.Unquote(text.Value)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&got, "%-22s %s\n", name.Name, words)
		}
		return true
	})
	fmt.Fprintf(&got, "%-22s %s\n", "Invalid", chat.Invalid("touser", "is required"))
	fmt.Fprintf(&got, "%-22s %s\n", "Invalid", chat.Invalid("toUser", "must name at most %d", 200))
	golden(t, "errors.golden", got.String())
}

func TestErrorIsItsText(t *testing.T) {
	if got, want := chat.ErrNotContact.Error(), "not my contract"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		ok(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	ok(t, err)
	same(t, name, strings.Split(got, "\n"), strings.Split(string(want), "\n"))
}
