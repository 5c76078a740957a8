// Package docs tests the documentation as a whole.
package docs

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// page is what the test needs of a file.
type page struct {
	links    []string
	headings map[string]bool // as the part of an address after the #
}

// Every link of a page leads to a file of the repository, and to a heading of it if it names one.
func TestLinks(t *testing.T) {
	list := exec.CommandContext(t.Context(), "git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]page{}
	for name := range strings.Lines(string(out)) {
		name = strings.TrimSpace(name)
		if name == "CHANGELOG.md" { // which names the pages of its time
			continue
		}
		source, err := os.ReadFile(filepath.Join("../..", name))
		if os.IsNotExist(err) { // removed, and not committed yet
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		pages[name] = read(t, source)
	}
	checked := 0
	for name, p := range pages {
		for _, link := range p.links {
			u, err := url.Parse(link)
			if err != nil {
				t.Errorf("%s: %s: %v", name, link, err)
				continue
			}
			if u.Scheme != "" || u.Host != "" {
				continue
			}
			checked++
			target := name
			if u.Path != "" {
				target = filepath.Join(filepath.Dir(name), u.Path)
			}
			if _, err := os.Stat(filepath.Join("../..", target)); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", name, link)
				continue
			}
			if to, ok := pages[target]; u.Fragment != "" && ok && !to.headings[u.Fragment] {
				t.Errorf("%s: the link to %s names no heading of %s", name, link, target)
			}
		}
	}
	if checked < 100 {
		t.Errorf("checked %d links, want all", checked)
	}
}

func read(t *testing.T, source []byte) page {
	t.Helper()
	p := page{headings: map[string]bool{}}
	document := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	err := ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			p.links = append(p.links, string(n.Destination))
		case *ast.Image:
			p.links = append(p.links, string(n.Destination))
		case *ast.Heading:
			p.headings[anchor(words(n, source))] = true
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// words returns the text of a node without its marks.
func words(n ast.Node, source []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value(source))
		} else {
			b.WriteString(words(c, source))
		}
	}
	return b.String()
}

var left = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)

// anchor returns the id that the sites where repositories are shown give to a heading.
func anchor(heading string) string {
	return strings.ReplaceAll(left.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}
