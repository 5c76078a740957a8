//go:build linux

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"parley/internal/chat"
	"parley/internal/store"
)

const (
	diskMessages = 50_000
	diskPeople   = 1000 // in pairs
)

// disk measures what a message takes on the disk, with its waitingid and its words in
// the index for searching, for short texts and for long ones.
func (b *bench) disk() error {
	t := b.addTable(&table{title: "Disk", columns: []string{onSQLite, onPostgres}, ratios: []ratio{{onPostgres, onSQLite}}})
	messages := diskMessages
	if b.quick {
		messages /= 20
	}
	database, err := b.startPostgres()
	if err != nil {
		return err
	}
	for _, sentences := range []int{1, 5} {
		kind := map[int]string{1: "a short message", 5: "a long message"}[sentences]
		length := t.row("text of "+kind+": bytes", goal{})
		size := t.row(kind+", indexed: bytes on the disk", goal{})
		folder, err := b.folder()
		if err != nil {
			return err
		}
		targets := map[string]seeded{onSQLite: {folder: folder}}
		if database != nil {
			there := seeded{folder: folder}
			if there.database, err = database.NewDatabase(); err != nil {
				return err
			}
			targets[onPostgres] = there
		}
		for _, name := range t.columns {
			d, ok := targets[name]
			if !ok {
				continue
			}
			f, err := b.diskRun(d, messages, sentences)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			b.note("disk · %s: %d texts of %.0f bytes take %.0f bytes each%s", name, messages, f.text, f.disk, f.parts)
			length.add(name, f.text)
			size.add(name, f.disk)
		}
	}
	return nil
}

// footprint is what a message takes.
type footprint struct {
	text, disk float64 // bytes
	parts      string  // by table, where the database tells
}

func (b *bench) diskRun(d seeded, messages, sentences int) (f footprint, err error) {
	if d, err = b.fill(d, diskPeople, 0); err != nil {
		return f, err
	}
	empty, err := d.size()
	if err != nil {
		return f, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	db, err := store.Open(ctx, store.Options{Path: d.folder, Database: d.database})
	if err != nil {
		return f, err
	}
	length, err := seedSentences(ctx, db, d.people, messages, sentences)
	if err == nil {
		err = db.Indexed(ctx)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return f, err
	}
	full, err := d.size()
	if err != nil {
		return f, err
	}
	f = footprint{text: float64(length) / float64(messages), disk: float64(full-empty) / float64(messages)}
	f.parts, err = d.parts(messages)
	return f, err
}

// seedSentences has pairs of people exchange messages of so many sentences, each pair a few
// messages at a time, and returns the length of all texts.
func seedSentences(ctx context.Context, db chat.Store, people []person, messages, sentences int) (length int, err error) {
	r := rand.New(rand.NewPCG(1, 2)) // the same texts every time
	var w searchWorld
	w.latin, w.chinese = vocabulary(r)
	words, signs := rand.NewZipf(r, 1.1, 5, uint64(len(w.latin)-1)), rand.NewZipf(r, 1.1, 5, uint64(len(w.chinese)-1))
	started := time.Now().Add(-24 * time.Hour)
	conversations := make([]chat.ConversationID, len(people)/2)
	account := func(i int) chat.AccountID { return chat.AccountID(people[i].account) }
	err = db.Update(ctx, func(tx chat.Tx) error {
		for pair := range conversations {
			c, err := tx.CreateDirectConversation(account(2*pair), account(2*pair+1), started)
			if err != nil {
				return err
			}
			conversations[pair] = c.ID
		}
		return nil
	})
	for from := 0; from < messages && err == nil; from += seedAtOnce {
		all := make([]chat.Message, min(seedAtOnce, messages-from))
		for i := range all {
			pair := r.IntN(len(conversations))
			parts := make([]string, sentences)
			for n := range parts {
				parts[n] = sentence(r, w, words, signs)
			}
			text := strings.Join(parts, " ")
			length += len(text)
			all[i] = chat.Message{
				Content: chat.Content{Type: chat.TypeText, Text: text}, Conversation: conversations[pair],
				From: account(2*pair + i%2), App: uuidApp, WaitingID: uuid.NewString(), At: started.Add(time.Duration(from+i) * time.Millisecond),
			}
		}
		err = db.Update(ctx, func(tx chat.Tx) error {
			for i := range all {
				m := all[i]
				if err := tx.AppendMessage(&m); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return length, err
}

// size returns the bytes of the database.
func (d seeded) size() (n int64, err error) {
	if d.database == "" {
		// It is closed, so everything is in one file.
		info, err := os.Stat(filepath.Join(d.folder, "parley.db"))
		if err != nil {
			return 0, err
		}
		return info.Size(), nil
	}
	return n, d.ask("SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'", &n)
}

// parts tells the bytes of a message by table, with the indexes of each.
func (d seeded) parts(messages int) (text string, err error) {
	if d.database == "" {
		return "", nil
	}
	return text, d.ask(fmt.Sprintf(`SELECT string_agg(', ' || relname || ' ' || size / %d, '' ORDER BY size DESC) FROM (
		SELECT relname, pg_total_relation_size(oid) AS size FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace) t
		WHERE size > %d`, messages, messages), &text)
}

// ask reads one value from a database on PostgreSQL.
func (d seeded) ask(query string, value any) error {
	return d.with(30*time.Second, func(ctx context.Context, db *sql.DB) error { return db.QueryRowContext(ctx, query).Scan(value) })
}

// exec runs a statement on a database on PostgreSQL.
func (d seeded) exec(statement string) error {
	return d.with(5*time.Minute, func(ctx context.Context, db *sql.DB) error {
		_, err := db.ExecContext(ctx, statement)
		return err
	})
}

func (d seeded) with(limit time.Duration, do func(context.Context, *sql.DB) error) (err error) {
	db, err := sql.Open("pgx", d.database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return do(ctx, db)
}
