package server

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Nodes that share a folder and start at the same moment each made keys of their own, and
// refused the addresses of files that the others had signed.
func TestUploadKeys_MadeAtOnce(t *testing.T) {
	folder := t.TempDir()
	var made [16]uploadKeys
	var wait sync.WaitGroup
	begin := make(chan struct{})
	for i := range made {
		wait.Go(func() {
			<-begin
			var err error
			if made[i], err = openUploadKeys(folder); err != nil {
				t.Error(err)
			}
		})
	}
	close(begin)
	wait.Wait()
	stored, err := readUploadKeys(folder)
	if err != nil {
		t.Fatal(err)
	}
	for i, keys := range made {
		if keys.current != stored.current {
			t.Errorf("node %d has another key than the folder", i)
		}
	}
	if others, _ := filepath.Glob(filepath.Join(folder, "upload.key?*")); len(others) > 0 {
		t.Errorf("left behind: %v", others)
	}
	if info, err := os.Stat(uploadKeyFile(folder)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v, want 0600", info.Mode(), err)
	}
}
