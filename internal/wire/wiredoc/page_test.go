package wiredoc

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The pages tell every request and push with its fields, as they are.
func TestPagesTellTheContract(t *testing.T) {
	files, err := filepath.Glob("../../../docs/protocol/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	pages := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pages[filepath.Base(file)] = string(text)
	}
	filled, missing, err := Pages(pages)
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range missing {
		t.Errorf("no page of docs/protocol tells of the %s: write <!-- contract %s --><!-- /contract --> below a heading", what, what)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if filled[name] == pages[name] {
			continue
		}
		if !*update {
			t.Errorf("%s differs from the contract: run make generate and look at the difference", name)
			continue
		}
		if err := os.WriteFile(file, []byte(filled[name]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Missing, unknown and stale parts of a page are found.
func TestPages(t *testing.T) {
	_, missing, err := Pages(map[string]string{"a.md": "# A\n<!-- contract push shake shake -->\nstale\n<!-- /contract -->\n"})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(missing, "\n")
	for what, want := range map[string]bool{"push shake shake": false, "request shake shake": true, "texts logins": true, "type Card": true} {
		if got := strings.Contains(all, what); got != want {
			t.Errorf("%s: missing is %t, want %t", what, got, want)
		}
	}
	if _, _, err := Pages(map[string]string{"a.md": "<!-- contract push no such -->\n<!-- /contract -->"}); err == nil {
		t.Error("took a push that there is not")
	}
	filled, _, err := Pages(map[string]string{
		"a.md": "# The file\n<!-- contract type File -->\nstale\n<!-- /contract -->\nkept\n",
		"b.md": "<!-- contract request send message --><!-- /contract -->",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := filled["a.md"]; strings.Contains(got, "stale") || !strings.Contains(got, "| `hash` | string | optional |") || !strings.HasSuffix(got, "\nkept\n") {
		t.Errorf("got %s", got)
	}
	if got := filled["b.md"]; !strings.Contains(got, "| `file` | [file](a.md#the-file) | optional |") || !strings.Contains(got, "| `card.title` | string | required |") {
		t.Errorf("got %s", got)
	}
}
