package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"parley/internal/config"
	"parley/internal/server"
)

// A place is a folder or an address; the type refuses a password on the command line.
type moveCmd struct {
	From config.Database `required:"" placeholder:"PLACE" help:"Data folder, or PostgreSQL database like postgres://user@db.example.test/parley. No server may run on it."`
	To   config.Database `required:"" placeholder:"PLACE" help:"Target, in the same form. It must be empty, or the target of the same move that was interrupted."`

	Restart bool `help:"Empty the target of an interrupted move, and begin again."`
}

func (m *moveCmd) Run(ctx context.Context, std streams) error {
	p := &moveProgress{out: std.err, bar: std.terminal}
	moved, err := server.Move(ctx, m.From, m.To, m.Restart, p.tell)
	p.clear()
	switch {
	case err != nil && ctx.Err() != nil:
		return errors.New("interrupted. The source is unchanged. Run the same command again to go on; until then nothing can use the target")
	case errors.Is(err, server.ErrMoveChanged):
		return fmt.Errorf("%w. Add --restart to empty the target and begin again", err)
	case errors.Is(err, server.ErrInUse):
		return fmt.Errorf("%w; stop it first", err)
	case err != nil:
		return err
	}
	fmt.Fprintf(std.out, "source: %starget: %s", moved.From, moved.To)
	if !moved.Same() {
		return errors.New("the copy differs from the source, and no server will use it. The source is unchanged")
	}
	before := ""
	if moved.Before > 0 {
		before = fmt.Sprintf(" (%d of them before the interruption)", moved.Before)
	}
	_, err = fmt.Fprintf(std.out, "%d rows were copied%s, and both databases have the same figures. %s\n", moved.Rows, before, m.next())
	return err
}

// next says what is left to do.
func (m *moveCmd) next() string {
	const files = "Files are not copied: the server needs everything in the former data folder except parley.db, parley.db-wal, parley.db-shm and parley.db.lock"
	if folder := string(m.From); !strings.Contains(folder, "://") {
		return fmt.Sprintf("%s. Move these four out of %s, so that no server writes to them any more, and start the server with the option database set to %s.", files, folder, m.To)
	}
	return fmt.Sprintf("%s. Start the server with --data %s and without the option database.", files, string(m.To))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// moveProgress shows a bar on a terminal, and elsewhere a line for every step.
type moveProgress struct {
	mu  sync.Mutex
	out io.Writer
	bar bool
}

func (p *moveProgress) tell(step string, done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	const width = 30
	switch {
	case done >= total:
		fmt.Fprintf(p.out, "%s%s: done\n", p.blank(), step)
	case p.bar:
		filled := int(width * done / total)
		fmt.Fprintf(p.out, "%s%s [%s%s] %d%%", p.blank(), step, strings.Repeat("#", filled), strings.Repeat(".", width-filled), 100*done/total)
	}
}

func (p *moveProgress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprint(p.out, p.blank())
}

// blank empties the line of the bar.
func (p *moveProgress) blank() string {
	if p.bar {
		return "\r\x1b[K"
	}
	return ""
}
