package store

import (
	"database/sql"
	"testing"

	"parley/internal/chat"
)

// WriterPragma returns a setting of the writing connection.
func WriterPragma(t *testing.T, s *Store, name string) (value string) {
	t.Helper()
	if err := s.Update(t.Context(), func(c chat.Tx) error {
		return c.(*tx).row([]any{&value}, "PRAGMA "+name)
	}); err != nil {
		t.Fatal(err)
	}
	return value
}

// WaitingName is where the search for a sender's waitingid starts.
var WaitingName = waitingName

// FailReading is a read that fails so badly that the engine takes the whole
// transaction back.
func FailReading(c chat.Tx) error {
	t := c.(*tx)
	t.conn.rollback()
	_, err := t.int("SELECT nothing FROM nowhere")
	return err
}

// Remembers reports whether the writer has the participant in its memory.
func Remembers(c chat.Tx, id chat.ConversationID, a chat.AccountID) bool {
	_, ok := c.(*tx).cache.members.get(memberKey{id, a})
	return ok
}

// WaitingReads and WaitingSearches return how many wait for their turn.
func (s *Store) WaitingReads() int    { return s.reads.Waiting() }
func (s *Store) WaitingSearches() int { return s.searches.Waiting() }

// MigrateTo makes the tables as they were at the version.
func MigrateTo(t *testing.T, db *sql.DB, version int64) {
	t.Helper()
	p, err := newMigrations(sqliteEngine{}, db)
	if err == nil {
		_, err = p.UpTo(t.Context(), version)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// FaultsEndAtOnce lets the first commit end a fault until the test ends.
func FaultsEndAtOnce(t *testing.T) {
	before := faultCalm
	faultCalm = 0
	t.Cleanup(func() { faultCalm = before })
}

// WaitForCheck waits until the check beside the service has ended.
func (s *Store) WaitForCheck() { <-s.checked }
