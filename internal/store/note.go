package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"parley/internal/chat"
)

// A note is the contents of the lock file beside the database. It describes the
// process that used the database last:
//
//	12345
//	generation R4ND0M open 678 90123 1764412345678 -
//
// the number of the process; the generation that it wrote into the database file
// when it started; whether it closed the database or left it open; the last
// message; how many commits the database has had; when the last one was; and,
// while a generation is being written, the next generation.
//
// The file is written after every commit and before the commit is acknowledged,
// with one system call and without a sync:
//
//  1. The commit is on the disk before the note of it is written. So the note is
//     never ahead of the database, whether the process is killed or the power fails.
//  2. After kill -9 the note has the last acknowledged commit, because the kernel
//     has it. Every lost commit is noticed.
//  3. After a power failure the note may be older. It may then miss the loss of
//     the newest commits, and it reports nothing wrong.
type note struct {
	known      bool   // the file has a note
	generation string // that of the database file without its log; empty: not known
	next       string // the other possible one, after a crash during a start
	closed     bool
	counted    bool // commits and at are known: not in the note of an older version
	progress
}

// progress is how far a database has got.
type progress struct {
	commits int64
	at      time.Time // of the last commit
	last    chat.MessageID
}

// knows reports whether the note names a generation that a database has.
func (n note) knows(generation string) bool {
	return generation != "" && (generation == n.generation || generation == n.next)
}

const noGeneration = "-"

func (l *folderLock) readNote() (n note) {
	text := make([]byte, 512)
	read, err := l.f.ReadAt(text, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return note{}
	}
	err = nil
	lines := strings.SplitN(string(text[:read]), "\n", 3)
	if len(lines) < 3 {
		return note{}
	}
	fields := strings.Fields(lines[1])
	if len(fields) < 4 || fields[0] != "generation" {
		return note{}
	}
	number := func(i int) (v int64) {
		if err == nil {
			v, err = strconv.ParseInt(fields[i], 10, 64)
		}
		return v
	}
	n = note{known: true, generation: generationOf(fields[1]), closed: fields[2] == "closed"}
	n.last = chat.MessageID(number(3))
	if len(fields) == 7 {
		n.counted = true
		n.commits, n.at, n.next = number(4), moment(number(5)), generationOf(fields[6])
	}
	if err != nil {
		return note{}
	}
	return n
}

func generationOf(field string) string {
	if field == noGeneration {
		return ""
	}
	return field
}

// write replaces the note with one system call. The first line is for the error of another
// process that finds the file locked.
func (l *folderLock) write(n note) error {
	l.text = strconv.AppendInt(l.text[:0], int64(os.Getpid()), 10)
	l.text = append(l.text, '\n')
	if n.known {
		state := "open"
		if n.closed {
			state = "closed"
		}
		field := func(generation string) string {
			if generation == "" {
				return noGeneration
			}
			return generation
		}
		l.text = fmt.Appendf(l.text, "generation %s %s %d %d %d %s\n", field(n.generation), state, n.last, n.commits, millis(n.at), field(n.next))
	}
	_, err := l.f.WriteAt(l.text, 0)
	return err
}

// keep writes the note and returns when it is on the disk.
func (l *folderLock) keep(n note) error {
	if err := l.write(n); err != nil {
		return fmt.Errorf("store: lock file: %w", err)
	}
	if err := errors.Join(l.f.Truncate(int64(len(l.text))), l.f.Sync()); err != nil {
		return fmt.Errorf("store: lock file: %w", err)
	}
	return nil
}
