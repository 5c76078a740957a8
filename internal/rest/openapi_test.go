package rest_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"parley/internal/rest"
)

var update = flag.Bool("update", false, "rewrite the committed files")

// The document that host systems generate their clients from stands in the
// repository, so that every change of the API shows in a review.
func TestOpenAPIIsCommitted(t *testing.T) {
	got, err := rest.Document(rest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "docs", "openapi.yaml")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("docs/openapi.yaml differs from the operations: run go generate ./internal/rest and look at the difference")
	}
}
