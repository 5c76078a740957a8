package wiredoc

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write what is generated into docs")

// The document that clients are generated from stands in the repository, so that
// every change of the contract shows in a review.
func TestAsyncAPIIsCommitted(t *testing.T) {
	const path = "../../../docs/asyncapi.yaml"
	got, err := AsyncAPI()
	if err != nil {
		t.Fatal(err)
	}
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
		t.Errorf("docs/asyncapi.yaml differs from the contract: run make generate and look at the difference")
	}
}
