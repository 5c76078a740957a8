package server

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// An interruption ends the copying and the reading of a file before its end.
func TestCopyIsInterrupted(t *testing.T) {
	folder := t.TempDir()
	from := filepath.Join(folder, "from")
	if err := os.WriteFile(from, []byte("a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, want := range []error{nil, context.Canceled} {
		to := filepath.Join(t.TempDir(), "to")
		if sum, err := copyFile(ended, from, to); !errors.Is(err, want) || err == nil && sum.Size != 6 {
			t.Errorf("copyFile: got %+v, %v, want %v", sum, err, want)
		}
		if sum, err := sumFile(ended, from); !errors.Is(err, want) || err == nil && sum.Size != 6 {
			t.Errorf("sumFile: got %+v, %v, want %v", sum, err, want)
		}
		if k, err := summed(ended, kept{}, "", from); !errors.Is(err, want) || err == nil && k.size != 6 {
			t.Errorf("summed: got %+v, %v, want %v", k, err, want)
		}
		cancel()
	}
}
