// Package modes checks the permissions of files that the server or a command has made.
package modes

import (
	"io/fs"
	"path/filepath"
	"testing"
)

// Private fails the test for everything below a folder, and the folder itself, that other users can read or write.
func Private(t testing.TB, folder string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: got mode %o, want it closed to others", path, info.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
