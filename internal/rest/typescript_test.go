package rest_test

import (
	"bytes"
	"os"
	"testing"

	"parley/internal/rest"
)

// The web client's types are committed, so that it is built without Go, and does
// not compile where it expects something else than the server says.
func TestTypeScriptIsCommitted(t *testing.T) {
	for path, got := range map[string][]byte{
		"../../web/src/wire/api.gen.ts":   rest.TypeScript(),
		"../../web/src/wire/admin.gen.ts": rest.AdminTypeScript(),
	} {
		committed(t, path, got)
	}
}

func committed(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from the operations: run go generate ./internal/rest and look at the difference", path)
	}
}
