//go:build linux

package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"parley/internal/chat"
	"parley/internal/store"
)

// The application that everybody logs in with.
const seedApp = "load"

// seedAtOnce is how many rows one transaction of the seeding writes.
const seedAtOnce = 1000

// A seeded database and who is in it.
type seeded struct {
	folder   string
	database string // its address; empty: it is in the folder
	people   []person
}

// seed writes a database of the server's own kind, without the server. All its
// messages are in the index for searching.
func (b *bench) seed(people, messages int) (seeded, error) {
	folder, err := b.folder()
	if err != nil {
		return seeded{}, err
	}
	return b.fill(seeded{folder: folder}, people, messages)
}

// fill is seed for an empty database.
func (b *bench) fill(d seeded, people, messages int) (seeded, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	defer cancel()
	db, err := store.Open(ctx, store.Options{Path: d.folder, Database: d.database})
	if err != nil {
		return seeded{}, err
	}
	start := time.Now()
	if d.people, err = seedPeople(ctx, db, people); err == nil && messages > 0 {
		err = seedMessages(ctx, db, d.people, messages)
	}
	if err == nil {
		err = db.Indexed(ctx)
	}
	if closeErr := db.Close(); err == nil {
		err = closeErr
	}
	b.note("seeded %d people and %d messages in %s", people, messages, time.Since(start).Round(time.Millisecond))
	return d, err
}

// seedPeople makes one organization of n accounts, each with an access token.
func seedPeople(ctx context.Context, db chat.Store, n int) ([]person, error) {
	now := time.Now()
	organization := chat.OrganizationID(uuid.NewString())
	err := db.Update(ctx, func(tx chat.Tx) error {
		err := tx.CreateApplication(chat.Application{
			ID: uuidApp, Key: seedApp, Name: "load generator",
			Kind: chat.AppWeb, SendAck: chat.AckErrorFirst, CreatedAt: now,
		})
		if err != nil {
			return err
		}
		return tx.CreateOrganization(chat.Organization{ID: organization, Name: "load", CreatedAt: now})
	})
	if err != nil {
		return nil, fmt.Errorf("seeding the organization: %w", err)
	}
	people := make([]person, n)
	ids := make([]chat.AccountID, n)
	for i := range people {
		ids[i] = chat.AccountID(uuid.Must(uuid.NewV7()).String())
		people[i] = person{account: string(ids[i]), token: uuid.NewString()}
	}
	for from := 0; from < n; from += seedAtOnce {
		to := min(from+seedAtOnce, n)
		err := db.Update(ctx, func(tx chat.Tx) error {
			for i := from; i < to; i++ {
				account := chat.Account{ID: ids[i], Name: fmt.Sprintf("Person %05d", i), Active: true, CreatedAt: now}
				if err := tx.CreateAccount(account); err != nil {
					return err
				}
				token := chat.Token{
					Session: chat.SessionID(people[i].account), Hash: sha256.Sum256([]byte(people[i].token)),
					Account: ids[i], CreatedAt: now,
				}
				if err := tx.CreateToken(token); err != nil {
					return err
				}
			}
			return tx.AddToOrganization(organization, ids[from:to])
		})
		if err != nil {
			return nil, fmt.Errorf("seeding accounts: %w", err)
		}
	}
	return people, nil
}

const uuidApp chat.AppID = "00000000-0000-4000-8000-000000000001"

// seedMessages has the pairs of people exchange so many messages, the oldest
// pair first.
func seedMessages(ctx context.Context, db chat.Store, people []person, messages int) error {
	pairs := len(people) / 2
	started := time.Now().Add(-time.Hour)
	for pair := range pairs {
		a, b := chat.AccountID(people[2*pair].account), chat.AccountID(people[2*pair+1].account)
		var c chat.Conversation
		err := db.Update(ctx, func(tx chat.Tx) (err error) {
			if c, err = tx.CreateDirectConversation(a, b, started); err != nil {
				return err
			}
			_, err = tx.List(c.ID)
			return err
		})
		if err != nil {
			return fmt.Errorf("seeding a chat: %w", err)
		}
		todo := messages/pairs + btoi(pair < messages%pairs)
		for from := 0; from < todo; from += seedAtOnce {
			err := db.Update(ctx, func(tx chat.Tx) error {
				for i := from; i < min(from+seedAtOnce, todo); i++ {
					m := chat.Message{
						Content:      chat.Content{Type: chat.TypeText, Text: fmt.Sprintf("%d: %s", i, filler(sendText))},
						Conversation: c.ID, From: []chat.AccountID{a, b}[i%2], App: uuidApp, At: started,
					}
					if err := tx.AppendMessage(&m); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return fmt.Errorf("seeding messages: %w", err)
			}
		}
	}
	return nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// unindex makes the next start of a server on the folder index every message again,
// as the first start after an update that changes the index does.
func unindex(folder string) (err error) {
	db, err := sql.Open("sqlite", filepath.Join(folder, "parley.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.Exec("UPDATE search_state SET indexed = 0, format = 0")
	return err
}
