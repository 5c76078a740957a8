package blob

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// ErrQuota refuses who has uploaded as much as one may on a day.
var ErrQuota = errors.New("enough was uploaded today")

// Quota counts how many bytes each owner uploads on a day. Its counts are in files of
// the day, a line for each upload, so that a restart does not forget them; files of days
// that are over are removed. Safe for concurrent use.
//
// Processes that share the folder have one count. Each writes a file of its own, because a network
// file system may lose what two of them append to one, and reads what the others have written before it
// admits an upload. It does not know of uploads that the others have admitted and not finished.
type Quota struct {
	folder string
	limit  func() (most int64, zone *time.Location) // which can change; 0: there is none
	now    func() time.Time
	own    string // what the name of this process's files has after the day
	shared bool

	mu      sync.Mutex
	day     string
	file    *os.File
	used    map[string]int64 // by owner, on that day
	read    map[string]int64 // by file: how much of it is in used, in bytes
	pending map[string]int64
}

type quotaLine struct {
	Owner string `json:"owner"`
	Bytes int64  `json:"bytes"`
}

// OpenQuota opens the counts in the folder. limit returns how many bytes an owner may upload on a day, and the zone
// in which days begin. While it returns 0, there is no limit and nothing is counted. shared says that other processes count there as well.
func OpenQuota(folder string, limit func() (most int64, zone *time.Location), shared bool, now func() time.Time) (*Quota, error) {
	if now == nil {
		now = time.Now
	}
	q := &Quota{folder: folder, limit: limit, now: now, shared: shared, pending: map[string]int64{}}
	if shared {
		q.own = "." + rand.Text()
	}
	if most, _ := limit(); most == 0 {
		return q, nil
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
	most, _ := q.limit()
	if most == 0 {
		q.pending[owner] += bytes
		return nil
	}
	if err := q.turn(); err != nil {
		return err
	}
	if q.shared {
		if err := q.readAll(); err != nil {
			return err
		}
	}
	if q.used[owner]+q.pending[owner]+bytes > most {
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
	if most, _ := q.limit(); most == 0 || uploaded == 0 {
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
	// Under the lock: a line is short. It begins on a new line whatever a power failure has left of the last.
	n, err := q.file.Write(append([]byte{'\n'}, line...))
	q.read[filepath.Base(q.file.Name())] += int64(n)
	if err != nil {
		return spaceOr(err)
	}
	if q.shared { // so that the others can read it
		if err := q.file.Sync(); err != nil {
			return spaceOr(err)
		}
	}
	return nil
}

const (
	quotaPrefix = "day-"
	quotaSuffix = ".jsonl"
)

// turn goes on to the present day.
func (q *Quota) turn() error {
	_, zone := q.limit()
	day := q.now().In(zone).Format(time.DateOnly)
	if day == q.day {
		return nil
	}
	if err := os.MkdirAll(q.folder, 0o700); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(q.folder, quotaPrefix+day+q.own+quotaSuffix), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return spaceOr(err)
	}
	if q.file != nil {
		_ = q.file.Close()
	}
	q.day, q.file, q.used, q.read = day, f, map[string]int64{}, map[string]int64{}
	return q.readAll()
}

// readAll reads what was written to the files of the day since the last time, and removes those of
// days that are over.
func (q *Quota) readAll() error {
	entries, err := os.ReadDir(q.folder)
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	today := quotaPrefix + q.day
	for _, e := range entries {
		switch name := e.Name(); {
		case strings.HasPrefix(name, today) && strings.HasSuffix(name, quotaSuffix):
			if err := q.readFile(name); err != nil {
				return err
			}
		case strings.HasPrefix(name, quotaPrefix) && name < today:
			_ = os.Remove(filepath.Join(q.folder, name)) // tomorrow again, if not now
		}
	}
	return nil
}

// readFile reads the lines of a file that are new. Each begins with a line break, so the last one
// may not be complete yet.
func (q *Quota) readFile(name string) error {
	f, err := os.Open(filepath.Join(q.folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a process whose clock is ahead has removed it
	}
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	defer f.Close()
	if _, err := f.Seek(q.read[name], io.SeekStart); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	for len(text) > 0 {
		line, rest, complete := bytes.Cut(text, []byte{'\n'})
		var l quotaLine
		err := json.Unmarshal(line, &l) // some lines are empty, one may be half
		if err != nil && !complete {
			return nil
		}
		if err == nil {
			q.used[l.Owner] += l.Bytes
		}
		q.read[name] += int64(len(text) - len(rest))
		text = rest
	}
	return nil
}

// Close closes the file.
func (q *Quota) Close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.file == nil {
		return nil
	}
	return q.file.Close()
}
