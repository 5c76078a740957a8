package blob

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// ErrQuota refuses who has uploaded as much as one may on a day.
var ErrQuota = errors.New("enough was uploaded today")

// Quota counts how many bytes each owner uploads on a day. Its counts are in a
// file a day, day-<date>.jsonl, a line for each upload, so that a restart does not
// forget them; files of days that are over are removed. Safe for concurrent use.
type Quota struct {
	folder string
	most   int64
	zone   *time.Location
	now    func() time.Time

	mu      sync.Mutex
	day     string
	file    *os.File
	used    map[string]int64 // by owner, on that day
	pending map[string]int64
}

type quotaLine struct {
	Owner string `json:"owner"`
	Bytes int64  `json:"bytes"`
}

// OpenQuota opens the counts in the folder. Days begin in the zone.
func OpenQuota(folder string, most int64, zone *time.Location, now func() time.Time) (*Quota, error) {
	if now == nil {
		now = time.Now
	}
	q := &Quota{folder: folder, most: most, zone: zone, now: now, pending: map[string]int64{}}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q, q.turn()
}

// Reserve sets bytes aside for an upload that begins; it refuses with [ErrQuota]
// what could go beyond. Whoever reserves settles.
func (q *Quota) Reserve(owner string, bytes int64) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.turn(); err != nil {
		return err
	}
	if q.used[owner]+q.pending[owner]+bytes > q.most {
		return ErrQuota
	}
	q.pending[owner] += bytes
	return nil
}

// Settle ends a reservation and counts what was uploaded of it.
func (q *Quota) Settle(owner string, reserved, uploaded int64) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.pending[owner] -= reserved; q.pending[owner] <= 0 {
		delete(q.pending, owner)
	}
	if uploaded == 0 {
		return nil
	}
	if err := q.turn(); err != nil {
		return err
	}
	q.used[owner] += uploaded
	line, err := json.Marshal(quotaLine{owner, uploaded})
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	// Under the lock: a line is short, and nothing waits for the disk. It begins on
	// a new line whatever a power failure has left of the last.
	if _, err := q.file.Write(append([]byte{'\n'}, line...)); err != nil {
		return spaceOr(err)
	}
	return nil
}

// turn goes on to the present day.
func (q *Quota) turn() error {
	day := q.now().In(q.zone).Format(time.DateOnly)
	if day == q.day {
		return nil
	}
	name := filepath.Join(q.folder, "day-"+day+".jsonl")
	used, err := readQuota(name)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return spaceOr(err)
	}
	if q.file != nil {
		_ = q.file.Close()
	}
	q.day, q.file, q.used = day, f, used
	entries, err := os.ReadDir(q.folder)
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "day-") && e.Name() < filepath.Base(name) {
			_ = os.Remove(filepath.Join(q.folder, e.Name())) // tomorrow again, if not now
		}
	}
	return nil
}

func readQuota(name string) (map[string]int64, error) {
	used := map[string]int64{}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return used, nil
	}
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var l quotaLine
		if json.Unmarshal(lines.Bytes(), &l) == nil { // some are empty, one may be half
			used[l.Owner] += l.Bytes
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return used, nil
}

// Close closes the file.
func (q *Quota) Close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.file.Close()
}
