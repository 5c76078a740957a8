package wiredoc

import (
	"bytes"
	"os"
	"testing"
)

// The web client's types are committed, so that it is built without Go, and
// compiled against exactly what the server says.
func TestTypeScriptIsCommitted(t *testing.T) {
	const path = "../../../web/src/wire/wire.gen.ts"
	got := TypeScript()
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
		t.Errorf("%s differs from the contract: run make generate and look at the difference", path)
	}
}
