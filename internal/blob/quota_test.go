package blob

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func daily(most int64, zone *time.Location) func() (int64, *time.Location) {
	return func() (int64, *time.Location) { return most, zone }
}

func TestQuota(t *testing.T) {
	folder := t.TempDir()
	now := time.Date(2026, 6, 4, 22, 0, 0, 0, time.UTC)
	open := func() *Quota {
		t.Helper()
		q, err := OpenQuota(folder, daily(10, time.FixedZone("east", 3600)), false, func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = q.Close() })
		return q
	}
	q := open()
	reserve := func(owner string, bytes int64, want error) {
		t.Helper()
		if err := q.Reserve(owner, bytes); !errors.Is(err, want) {
			t.Errorf("%d bytes of %s: got %v, want %v", bytes, owner, err, want)
		}
	}
	settle := func(owner string, reserved, uploaded int64) {
		t.Helper()
		if err := q.Settle(owner, reserved, uploaded); err != nil {
			t.Fatal(err)
		}
	}
	reserve("a", 6, nil)
	reserve("a", 5, ErrQuota) // while the other is under way
	reserve("b", 10, nil)
	settle("a", 6, 5)
	reserve("a", 5, nil)
	settle("a", 5, 0)
	reserve("a", 6, ErrQuota)

	q = open() // a restart forgets nothing but what was under way
	reserve("a", 6, ErrQuota)
	reserve("a", 5, nil)
	settle("a", 5, 5)
	reserve("a", 1, ErrQuota)

	now = now.Add(time.Hour) // midnight in the zone
	reserve("a", 10, nil)
	if got := filesBelow(t, folder); len(got) != 1 {
		t.Errorf("there is %v, want the day's file alone", got)
	}
}

// Each of several nodes admitted the whole quota.
func TestQuota_Shared(t *testing.T) {
	folder := t.TempDir()
	now := time.Date(2026, 6, 4, 22, 0, 0, 0, time.UTC)
	var nodes []*Quota
	add := func() {
		t.Helper()
		q, err := OpenQuota(folder, daily(10, time.UTC), true, func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = q.Close() })
		nodes = append(nodes, q)
	}
	upload := func(n int, owner string, bytes int64, want error) {
		t.Helper()
		err := nodes[n].Reserve(owner, bytes)
		if !errors.Is(err, want) {
			t.Errorf("%d bytes of %s at node %d: got %v, want %v", bytes, owner, n, err, want)
		}
		if err == nil {
			if err := nodes[n].Settle(owner, bytes, bytes); err != nil {
				t.Fatal(err)
			}
		}
	}
	add()
	add()
	upload(0, "a", 4, nil)
	upload(1, "a", 4, nil)
	upload(1, "b", 10, nil)
	upload(0, "a", 3, ErrQuota)
	upload(1, "a", 3, ErrQuota)
	upload(0, "a", 1, nil)
	upload(1, "a", 1, nil)
	upload(0, "a", 1, ErrQuota)
	upload(0, "b", 1, ErrQuota)
	add() // another one, or one that was started anew
	upload(2, "a", 1, ErrQuota)
	upload(2, "c", 9, nil)

	// A node died while it wrote. Half a line counts for nothing and hides nothing.
	half := []byte("\n{\"owner\":\"c\",\"bytes\":1}\n{\"owner\":\"c\",\"by")
	if err := os.WriteFile(filepath.Join(folder, "day-2026-06-04.X.jsonl"), half, 0o600); err != nil {
		t.Fatal(err)
	}
	upload(0, "c", 1, ErrQuota)
	upload(1, "d", 10, nil)
	upload(0, "d", 1, ErrQuota)

	now = now.Add(2 * time.Hour)
	upload(0, "a", 10, nil)
	upload(1, "a", 1, ErrQuota)
	if got := filesBelow(t, folder); len(got) != 2 {
		t.Errorf("there is %v, want a file of each node that has counted today", got)
	}
}
