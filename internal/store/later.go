//go:build parley_later

package store

import (
	"io/fs"
	"testing/fstest"
)

// In a build with this tag, the process is like one of a later version: it has one more migration, which
// is compatible, and tells other nodes of changes that they do not know. See internal/bus/later.go.
func init() {
	laterMigrations = func(files fs.FS) fs.FS {
		all := fstest.MapFS{"00900_later.sql": {Data: []byte(`-- +goose Up
-- compatible: yes
ALTER TABLE message ADD COLUMN later TEXT NOT NULL DEFAULT 'later';
ALTER TABLE node ADD COLUMN later BIGINT;
CREATE TABLE later (id BIGINT NOT NULL PRIMARY KEY);
`)}}
		names, _ := fs.Glob(files, "*.sql")
		for _, name := range names {
			text, err := fs.ReadFile(files, name)
			if err != nil {
				panic(err) // the folder is compiled in
			}
			all[name] = &fstest.MapFile{Data: text}
		}
		return all
	}
	laterChanges = func(w *touchedWriter) { w.kind(200).text("unknown").number(17) }
}
