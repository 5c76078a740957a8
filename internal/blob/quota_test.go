package blob

import (
	"errors"
	"testing"
	"time"
)

func TestQuota(t *testing.T) {
	folder := t.TempDir()
	now := time.Date(2026, 6, 4, 22, 0, 0, 0, time.UTC)
	open := func() *Quota {
		t.Helper()
		q, err := OpenQuota(folder, 10, time.FixedZone("east", 3600), func() time.Time { return now })
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
