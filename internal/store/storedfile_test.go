package store_test

import (
	"slices"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/test/postgres"
)

func TestStoredFiles(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { storedFiles(t, open(t, store.Options{Path: t.TempDir()})) })
	t.Run("PostgreSQL", func(t *testing.T) {
		storedFiles(t, open(t, store.Options{Database: postgres.Start(t, "fsync=off").Create(t)}))
	})
}

// A file is unused when no message names it, and only then, whatever the order in which messages are sent, withdrawn and
// recorded. While a backup runs, none is.
func storedFiles(t *testing.T, s *store.Store) {
	ctx, svc := t.Context(), chatOn(s)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range []chat.AccountID{"ann", "ben"} {
		_, err := svc.CreateAccount(ctx, chat.Account{ID: a, Name: string(a)})
		must(err)
	}
	must(s.Update(ctx, func(tx chat.Tx) error { return tx.SetFriends("ann", "ben", time.Now()) }))
	send := func(key string) chat.MessageID {
		t.Helper()
		r, err := svc.SendMessage(ctx, chat.Actor{Account: "ann"}, "ben", chat.Draft{Content: chat.Content{
			Type: chat.TypeFile, File: []byte(`{"key":"` + key + `","size":7}`),
		}})
		must(err)
		return r.Message.ID
	}
	withdraw := func(id chat.MessageID) {
		t.Helper()
		_, err := svc.WithdrawMessage(ctx, chat.Actor{Account: "ann"}, "ben", id)
		must(err)
	}
	follow := func() {
		t.Helper()
		for more := true; more; {
			var err error
			more, err = s.FollowFiles(ctx, func(f store.StoredFile) (store.StoredFile, bool) { return f, f.Key != "ann/elsewhere" })
			must(err)
		}
	}
	now := time.Now()
	unused := func(at time.Time, want ...string) {
		t.Helper()
		files, err := s.UnusedFiles(ctx, at, 10)
		must(err)
		var keys []string
		for _, f := range files {
			keys = append(keys, f.Key)
		}
		slices.Sort(keys)
		if !slices.Equal(keys, want) {
			t.Errorf("unused: got %q, want %q", keys, want)
		}
		report, err := store.Verify(ctx, s)
		must(err)
		if !report.OK() {
			t.Errorf("verify: %s", report)
		}
	}
	later := now.Add(time.Hour)
	for _, key := range []string{"ann/sent", "ann/twice", "ann/never"} {
		must(s.FileStored(ctx, store.StoredFile{Key: key, Size: 3, StoredAt: now}, now.Add(time.Minute)))
	}
	// Files that were sent in messages counted as uploads.
	uploads := func(from, to time.Time, want int) {
		t.Helper()
		must(s.View(ctx, func(tx chat.Tx) error {
			d, err := tx.CountDay(from, to)
			if d.Uploads != want {
				t.Errorf("uploads: got %d, want %d", d.Uploads, want)
			}
			return err
		}))
	}
	uploads(now.Add(-time.Hour), later, 3)
	sent, first, second := send("ann/sent"), send("ann/twice"), send("ann/twice")
	elsewhere := send("ann/elsewhere")
	send("no-upload")
	unused(later) // the messages were not read yet
	uploads(now.Add(-time.Hour), later, 3)
	uploads(later, later.Add(time.Hour), 0)
	uploads(now.Add(-time.Hour), now.Truncate(time.Millisecond), 0)
	withdraw(first)
	follow()
	unused(now)
	unused(later, "ann/never")
	withdraw(second)
	unused(later, "ann/never", "ann/twice")
	must(s.BackupRuns(ctx, time.Now().Add(time.Minute)))
	unused(later)
	must(s.BackupRuns(ctx, time.Time{}))

	again := send("ann/twice") // while it is removed
	unused(later)
	follow()
	unused(later, "ann/never")
	withdraw(again)
	withdraw(sent)
	withdraw(elsewhere)
	unused(later, "ann/elsewhere", "ann/never", "ann/sent", "ann/twice")
	must(s.PostponeFile(ctx, store.StoredFile{Key: "ann/never"}, later.Add(time.Second)))
	files, err := s.UnusedFiles(ctx, later, 10)
	must(err)
	must(s.FilesRemoved(ctx, files, later))
	unused(later.Add(time.Minute), "ann/never")
	totals, err := s.FileTotals(ctx)
	must(err)
	if want := (store.FileTotals{Files: 1, Bytes: 3, Unused: 1, UnusedBytes: 3}); totals != want {
		t.Errorf("totals: got %+v, want %+v", totals, want)
	}

	// Found in the folder.
	found := send("ann/found")
	must(s.FilesWalked(ctx, []store.StoredFile{{Key: "ann/found", Size: 5}, {Key: "ann/lost", Size: 5}}, now, store.FileWalk{Part: 1}))
	unused(later)
	follow()
	unused(later.Add(time.Minute), "ann/lost", "ann/never")
	if _, err := s.ReleaseLeftFiles(ctx, later); err != nil {
		t.Fatal(err)
	}
	withdraw(found)
	unused(later.Add(time.Minute), "ann/found", "ann/lost", "ann/never")
}
