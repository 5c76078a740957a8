package rest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"

	"parley/internal/rest"
	"parley/internal/rest/resttest"
)

func TestDocsListEveryOperation(t *testing.T) {
	w := resttest.New(t)
	a := w.Do("GET", "/docs", nil)
	if a.Status != 200 || a.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("docs = %d %s", a.Status, a.Header.Get("Content-Type"))
	}
	page := string(a.Body)
	ops, schemas := w.Document()
	for _, op := range ops {
		if !strings.Contains(page, `id="`+op.ID+`"`) || !strings.Contains(page, op.Path) {
			t.Errorf("docs do not show %s", op.ID)
		}
		for _, p := range op.Parameters {
			if !strings.Contains(page, "<code>"+p.Name+"</code>") {
				t.Errorf("docs do not show parameter %s of %s", p.Name, op.ID)
			}
		}
	}
	for name := range schemas {
		if !strings.Contains(page, `id="schema-`+name+`"`) {
			t.Errorf("docs do not show schema %s", name)
		}
	}
	for _, link := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `id="`+link[1]+`"`) {
			t.Errorf("link to %s leads nowhere", link[1])
		}
	}
}

// The page is whole in itself: nothing of it comes from elsewhere, nothing runs,
// and the policy allows exactly the style that it has.
func TestDocsAreSelfContained(t *testing.T) {
	w := resttest.New(t)
	a := w.Do("GET", "/docs", nil)
	page := string(a.Body)
	for _, forbidden := range []string{"<script", "src=", "<link", "@import", "url(", "onload", "style=", "<img"} {
		if strings.Contains(page, forbidden) {
			t.Errorf("docs contain %s", forbidden)
		}
	}
	_, style, _ := strings.Cut(page, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	sum := sha256.Sum256([]byte(style))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	if got := a.Header.Get("Content-Security-Policy"); got != want || len(style) < 100 {
		t.Errorf("policy = %q, want %q", got, want)
	}
	balanced(t, page)
}

// balanced checks that every element is closed.
func balanced(t *testing.T, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict = false
	d.AutoClose = []string{"meta"}
	d.Entity = xml.HTMLEntity
	var openElements []string
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local != "meta" {
				openElements = append(openElements, e.Name.Local)
			}
		case xml.EndElement:
			if len(openElements) == 0 || openElements[len(openElements)-1] != e.Name.Local {
				t.Fatalf("</%s> closes %v", e.Name.Local, openElements)
			}
			openElements = openElements[:len(openElements)-1]
		}
	}
	if len(openElements) != 0 {
		t.Errorf("left open: %v", openElements)
	}
}

// Generators of clients need names that are unique and references that lead
// somewhere.
func TestDocumentHoldsTogether(t *testing.T) {
	w := resttest.New(t)
	ops, schemas := w.Document()
	seen := map[string]bool{}
	for _, op := range ops {
		if op.ID == "" || seen[op.ID] {
			t.Errorf("%s %s: operation id %q, want one of its own", op.Method, op.Path, op.ID)
		}
		seen[op.ID] = true
		for _, part := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(op.Path, -1) {
			declared := false
			for _, p := range op.Parameters {
				declared = declared || p.In == "path" && p.Name == part[1] && p.Required
			}
			if !declared {
				t.Errorf("%s does not declare {%s}", op.ID, part[1])
			}
		}
	}
	a := w.Do("GET", "/openapi.json", nil)
	refs := regexp.MustCompile(`"\$ref":"#/components/schemas/([^"]+)"`).FindAllStringSubmatch(string(a.Body), -1)
	if len(refs) == 0 {
		t.Error("no references, want schemas to be named")
	}
	for _, ref := range refs {
		if _, ok := schemas[ref[1]]; !ok {
			t.Errorf("reference to %s leads nowhere", ref[1])
		}
	}
}

func TestDocumentIsServed(t *testing.T) {
	w := resttest.New(t)
	a := w.Do("GET", "/openapi.yaml", nil)
	want, err := rest.Document(rest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a.Status != 200 || a.Header.Get("Content-Type") != "application/openapi+yaml" || string(a.Body) != string(want) {
		t.Errorf("openapi.yaml = %d %s, want the document", a.Status, a.Header.Get("Content-Type"))
	}
	a = w.Do("GET", "/openapi.json", nil)
	if a.Status != 200 || a.Header.Get("Content-Type") != "application/openapi+json" || !resttest.Contains(a.Body, `"openapi":"3.1.0"`) {
		t.Errorf("openapi.json = %d %s, want the document", a.Status, a.Header.Get("Content-Type"))
	}
	if a := w.Do("HEAD", "/docs", nil); a.Status != 200 || len(a.Body) != 0 {
		t.Errorf("HEAD /docs = %d with %d bytes, want 200 and none", a.Status, len(a.Body))
	}
}

// Each form is made when it is first asked for, whoever else asks at that moment.
func TestDocumentIsMadeForManyAtOnce(t *testing.T) {
	w := resttest.New(t)
	paths := []string{"/docs", "/openapi.json", "/openapi.yaml"}
	got := make([]resttest.Answer, 4*len(paths))
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() { got[i] = w.Do("GET", paths[i%len(paths)], nil) })
	}
	all.Wait()
	for i, a := range got {
		if first := got[i%len(paths)]; a.Status != 200 || len(a.Body) == 0 || string(a.Body) != string(first.Body) {
			t.Errorf("GET %s = %d with %d bytes, want what the others got", paths[i%len(paths)], a.Status, len(a.Body))
		}
	}
}
