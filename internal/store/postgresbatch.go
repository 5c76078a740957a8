package store

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"parley/internal/chat"
)

// pending has rows that the functions of a batch have written and that PostgreSQL
// does not have yet: those that every message writes. They are sent together, one
// statement for each table, with the COMMIT or before a statement that names one of
// the tables. So a batch of messages costs two round trips, however many there are,
// and a tenth of the server's time.
//
// A statement that fails there fails for the whole batch, which then runs again one
// function after the other, each with a savepoint and without pending rows.
type pending struct {
	free          map[int64]struct{} // names of waitingids that nobody has
	names         []int64            // of waitingids
	named         []int64            // the messages that have them
	messages      []chat.Message
	conversations map[chat.ConversationID]conversation
	members       map[memberKey]chat.Membership
}

func newPending() *pending {
	return &pending{
		free:          make(map[int64]struct{}),
		conversations: make(map[chat.ConversationID]conversation),
		members:       make(map[memberKey]chat.Membership),
	}
}

func (p *pending) clear() {
	p.names, p.named = p.names[:0], p.named[:0]
	clear(p.messages) // the texts
	p.messages = p.messages[:0]
	clear(p.conversations)
	clear(p.members)
}

// take gives a waitingid's name to a message, where it is known to be free.
func (p *pending) take(name int64, id chat.MessageID) bool {
	if _, free := p.free[name]; !free {
		return false
	}
	delete(p.free, name)
	p.names, p.named = append(p.names, name), append(p.named, int64(id))
	return true
}

func (p *pending) empty() bool {
	return len(p.names) == 0 && len(p.messages) == 0 && len(p.conversations) == 0 && len(p.members) == 0
}

// concerns reports whether a statement names a table of which rows are pending.
func (p *pending) concerns(query string) bool {
	return len(p.messages) > 0 && strings.Contains(query, "message") ||
		len(p.names) > 0 && strings.Contains(query, "waitingid") ||
		len(p.conversations) > 0 && strings.Contains(query, "conversation") ||
		len(p.members) > 0 && strings.Contains(query, "member")
}

// The rows of arrays, one array for each column.
const (
	insertWaitingIDs = `INSERT INTO waitingid (name, message) SELECT * FROM unnest($1::bigint[], $2::bigint[])`

	insertMessages = `INSERT INTO message (id, conversation, seq, counted, system, type, text, file, card, location, sender, app,
			refer, waitingid, at, sent_at, checksum)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
			$7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
			$13::bigint[], $14::text[], $15::bigint[], $16::bigint[], $17::bigint[])`

	updateConversations = `UPDATE conversation c SET last_seq = n.last_seq, counted = n.counted, last_at = n.last_at, last_id = n.last_id
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) AS n (id, last_seq, counted, last_at, last_id)
		WHERE c.id = n.id`

	updateMembers = `UPDATE member m SET read_seq = n.read_seq, sure_seq = n.sure_seq, read_count = n.read_count,
			own = n.own, own_at_read = n.own_at_read
		FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
			AS n (account, conversation, read_seq, sure_seq, read_count, own, own_at_read)
		WHERE m.account = n.account AND m.conversation = n.conversation`
)

// queue adds the statements for all rows.
func (p *pending) queue(b *pgx.Batch) {
	if len(p.names) > 0 {
		b.Queue(insertWaitingIDs, p.names, p.named)
	}
	if len(p.messages) > 0 {
		b.Queue(insertMessages, p.messageColumns()...)
	}
	if len(p.conversations) > 0 {
		var ids, seqs, counts, ats, lasts []int64
		for id, c := range p.conversations {
			ids, seqs, counts = append(ids, int64(id)), append(seqs, c.LastSeq), append(counts, c.Count)
			ats, lasts = append(ats, millis(c.LastAt)), append(lasts, int64(c.LastID))
		}
		b.Queue(updateConversations, ids, seqs, counts, ats, lasts)
	}
	if len(p.members) > 0 {
		var accounts []string
		var conversations, reads, sures, counts, own, ownAt []int64
		for k, m := range p.members {
			accounts, conversations = append(accounts, string(k.account)), append(conversations, int64(k.conversation))
			reads, sures, counts = append(reads, m.ReadSeq), append(sures, m.SureSeq), append(counts, m.ReadCount)
			own, ownAt = append(own, m.Own), append(ownAt, m.OwnAtRead)
		}
		b.Queue(updateMembers, accounts, conversations, reads, sures, counts, own, ownAt)
	}
}

func (p *pending) messageColumns() []any {
	n := len(p.messages)
	numbers := func(of func(m *chat.Message) int64) []int64 {
		column := make([]int64, n)
		for i := range p.messages {
			column[i] = of(&p.messages[i])
		}
		return column
	}
	numbersOrNull := func(of func(m *chat.Message) int64) []*int64 {
		column := make([]*int64, n)
		for i := range p.messages {
			if v := of(&p.messages[i]); v != 0 {
				column[i] = &v
			}
		}
		return column
	}
	texts := func(of func(m *chat.Message) string) []string {
		column := make([]string, n)
		for i := range p.messages {
			column[i] = keep(of(&p.messages[i]))
		}
		return column
	}
	textsOrNull := func(of func(m *chat.Message) string) []*string {
		column := make([]*string, n)
		for i := range p.messages {
			if v := keep(of(&p.messages[i])); v != "" {
				column[i] = &v
			}
		}
		return column
	}
	return []any{
		numbers(func(m *chat.Message) int64 { return int64(m.ID) }),
		numbers(func(m *chat.Message) int64 { return int64(m.Conversation) }),
		numbers(func(m *chat.Message) int64 { return m.Seq }),
		numbers(func(m *chat.Message) int64 { return m.Count }),
		numbers(func(m *chat.Message) int64 { return int64(m.System) }),
		numbers(func(m *chat.Message) int64 { return int64(m.Type) }),
		texts(func(m *chat.Message) string { return m.Text }),
		textsOrNull(func(m *chat.Message) string { return string(m.File) }),
		textsOrNull(func(m *chat.Message) string { return string(m.Card) }),
		textsOrNull(func(m *chat.Message) string { return string(m.Location) }),
		texts(func(m *chat.Message) string { return string(m.From) }),
		textsOrNull(func(m *chat.Message) string { return string(m.App) }),
		numbersOrNull(func(m *chat.Message) int64 { return int64(m.Refer) }),
		textsOrNull(func(m *chat.Message) string { return m.WaitingID }),
		numbers(func(m *chat.Message) int64 { return millis(m.At) }),
		numbersOrNull(func(m *chat.Message) int64 { return millis(m.SentAt) }),
		numbers(messageChecksum),
	}
}

// errNotCommitted is why a COMMIT without an error has committed nothing.
var errNotCommitted = errors.New("store: the transaction had failed before its COMMIT")

// flush sends the pending rows.
func (c *conn) flush() error {
	if c.pending == nil || c.pending.empty() {
		return nil
	}
	var b pgx.Batch
	c.pending.queue(&b)
	err := c.send(&b)
	c.pending.clear()
	return err
}

// commitPending sends the pending rows and commits, in one round trip. logged is the row
// of the commit log; nil: there is none.
func (c *conn) commitPending(logged *commitEntry) error {
	var b pgx.Batch
	c.pending.queue(&b)
	if logged != nil {
		logged.queue(&b)
	}
	committed := false
	b.Queue("COMMIT").Exec(func(tag pgconn.CommandTag) error {
		committed = tag.String() == "COMMIT"
		return nil
	})
	err := c.send(&b)
	c.pending.clear()
	if err == nil && !committed {
		err = errNotCommitted
	}
	return err
}

// begun is what a transaction learns when it begins.
type begun struct {
	commits int64         // how many transactions have written, this one included
	entries []commitEntry // the log after the last commit that this node knows
}

// beginTurn begins a transaction and takes its turn, in one round trip. It looks which of
// the expected names of waitingids are free. It reads the log after the commit known, unless
// known is negative.
func (c *conn) beginTurn(statement string, expected []int64, known int64) (t begun, err error) {
	var b pgx.Batch
	b.Queue(c.engine.begin(false))
	b.Queue(statement).QueryRow(func(row pgx.Row) error { return row.Scan(&t.commits) })
	if known >= 0 {
		queryLog(&b, known, &t.entries)
	}
	clear(c.pending.free)
	c.pending.queryFree(&b, expected)
	return t, c.send(&b)
}

// lookUp looks which of further expected names are free, in the transaction under way.
func (c *conn) lookUp(expected []int64) error {
	var b pgx.Batch
	c.pending.queryFree(&b, expected)
	return c.send(&b)
}

// queryFree adds the query for which of the expected names are free.
func (p *pending) queryFree(b *pgx.Batch, expected []int64) {
	if len(expected) == 0 {
		return
	}
	for _, name := range expected {
		p.free[name] = struct{}{}
	}
	b.Queue("SELECT name FROM waitingid WHERE name = ANY($1)", expected).Query(func(rows pgx.Rows) error {
		var name int64
		_, err := pgx.ForEachRow(rows, []any{&name}, func() error {
			delete(p.free, name)
			return nil
		})
		return err
	})
}

// send sends statements in one round trip.
func (c *conn) send(b *pgx.Batch) error {
	ctx, cancel := c.bounded(context.Background())
	defer cancel()
	err := c.db.Raw(func(driver any) error {
		return driver.(*stdlib.Conn).Conn().SendBatch(ctx, b).Close()
	})
	if err != nil {
		return c.fault(err)
	}
	return nil
}
