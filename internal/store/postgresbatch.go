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
// statement for each table or for each of few rows, with the COMMIT or before a statement
// that names one of the tables. So a batch of messages costs two round trips, however many there are,
// and a tenth of the server's time.
//
// A statement that fails there fails for the whole batch, which then runs again one
// function after the other, each with a savepoint and without pending rows.
type pending struct {
	free          map[int64]struct{} // names of waitingids that nobody has
	names         []int64            // of waitingids
	named         []int64            // the messages that have them
	messages      []chat.Message
	outgoing      []chat.Outgoing
	conversations map[chat.ConversationID]conversation
	members       map[memberKey]pendingMember
	arrivals      map[memberKey]arrival // in rows that are not among members
}

// pendingMember is a row with the columns that setLater writes.
type pendingMember struct {
	chat.Membership
	place, unread *int64 // nil: unchanged
}

func newPending() *pending {
	return &pending{
		free:          make(map[int64]struct{}),
		conversations: make(map[chat.ConversationID]conversation),
		members:       make(map[memberKey]pendingMember),
		arrivals:      make(map[memberKey]arrival),
	}
}

func (p *pending) clear() {
	p.names, p.named = p.names[:0], p.named[:0]
	clear(p.messages) // the texts
	p.messages = p.messages[:0]
	clear(p.outgoing)
	p.outgoing = p.outgoing[:0]
	clear(p.conversations)
	clear(p.members)
	clear(p.arrivals)
}

// setMember writes a row; see setLater.
func (p *pending) setMember(m *chat.Membership, place chat.MessageID, unread *bool) {
	k := memberKey{m.Conversation, m.Account}
	row := p.members[k]
	row.Membership = *m
	if before, ok := p.arrivals[k]; ok {
		delete(p.arrivals, k)
		row.arrive(before)
	}
	if place != 0 {
		row.place = notZero(int64(place))
	}
	if unread != nil {
		is := flag(*unread)
		row.unread = &is
	}
	p.members[k] = row
}

func (r *pendingMember) arrive(a arrival) {
	if a.place != 0 {
		r.place = notZero(int64(a.place))
	}
	if a.unread {
		r.unread = notZero(int64(1))
	}
}

// arrive writes an arrival.
func (p *pending) arrive(k memberKey, a arrival) {
	if row, ok := p.members[k]; ok {
		row.arrive(a)
		p.members[k] = row
		return
	}
	p.arrivals[k] = p.arrivals[k].and(a)
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
	return len(p.names) == 0 && len(p.messages) == 0 && len(p.outgoing) == 0 && len(p.conversations) == 0 && len(p.members) == 0 && len(p.arrivals) == 0
}

// concerns reports whether a statement names a table of which rows are pending.
func (p *pending) concerns(query string) bool {
	return len(p.messages) > 0 && strings.Contains(query, "message") ||
		len(p.names) > 0 && strings.Contains(query, "waitingid") ||
		len(p.outgoing) > 0 && strings.Contains(query, "outgoing") ||
		len(p.conversations) > 0 && strings.Contains(query, "conversation") ||
		len(p.members)+len(p.arrivals) > 0 && strings.Contains(query, "member")
}

// Rows are sent as arrays, one array for each column, in one statement for a table. The
// server plans such a statement each time, because it takes the length of the arrays into
// account, and makes a function of each array. For few rows that takes more of its time than
// a statement for each row, whose plan it keeps.
const fewRows = 4

const (
	insertWaitingID  = `INSERT INTO waitingid (name, message) VALUES ($1, $2)`
	insertWaitingIDs = `INSERT INTO waitingid (name, message) SELECT * FROM unnest($1::bigint[], $2::bigint[])`

	messageRowColumns = `id, conversation, seq, counted, system, type, text, file, card, location, sender, app,
			refer, waitingid, at, sent_at, checksum`
	insertMessage = `INSERT INTO message (` + messageRowColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`
	insertMessages = `INSERT INTO message (` + messageRowColumns + `)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
			$7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
			$13::bigint[], $14::text[], $15::bigint[], $16::bigint[], $17::bigint[])`

	// The rows are numbered in their order.
	insertOutgoing = `INSERT INTO outgoing (` + outgoingRowColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	insertOutgoings = `INSERT INTO outgoing (` + outgoingRowColumns + `)
		SELECT subscription, event, kind, topic, at, since, body, attempts, next_at, dead_at, failure
		FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bytea[], $8::bigint[],
			$9::bigint[], $10::bigint[], $11::text[]) WITH ORDINALITY AS n (` + outgoingRowColumns + `, place)
		ORDER BY place`

	updateConversation  = `UPDATE conversation SET last_seq = $2, counted = $3, last_at = $4, last_id = $5 WHERE id = $1`
	updateConversations = `UPDATE conversation c SET last_seq = n.last_seq, counted = n.counted, last_at = n.last_at, last_id = n.last_id
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) AS n (id, last_seq, counted, last_at, last_id)
		WHERE c.id = n.id`

	updateMember = `UPDATE member SET read_seq = $3, sure_seq = $4, read_count = $5, own = $6, own_at_read = $7,
			place = COALESCE($8, place), has_unread = COALESCE($9, has_unread)
		WHERE account = $1 AND conversation = $2`
	updateMembers = `UPDATE member m SET read_seq = n.read_seq, sure_seq = n.sure_seq, read_count = n.read_count,
			own = n.own, own_at_read = n.own_at_read, place = COALESCE(n.place, m.place), has_unread = COALESCE(n.has_unread, m.has_unread)
		FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[])
			AS n (account, conversation, read_seq, sure_seq, read_count, own, own_at_read, place, has_unread)
		WHERE m.account = n.account AND m.conversation = n.conversation`

	updateArrival  = `UPDATE member SET place = COALESCE($3, place), has_unread = COALESCE($4, has_unread) WHERE account = $1 AND conversation = $2`
	updateArrivals = `UPDATE member m SET place = COALESCE(n.place, m.place), has_unread = COALESCE(n.has_unread, m.has_unread)
		FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) AS n (account, conversation, place, has_unread)
		WHERE m.account = n.account AND m.conversation = n.conversation`
)

// queue adds the statements for all rows.
func (p *pending) queue(b *pgx.Batch) {
	if len(p.names) <= fewRows {
		for i, name := range p.names {
			b.Queue(insertWaitingID, name, p.named[i])
		}
	} else {
		b.Queue(insertWaitingIDs, p.names, p.named)
	}
	if len(p.messages) <= fewRows {
		for i := range p.messages {
			b.Queue(insertMessage, messageRow(&p.messages[i])...)
		}
	} else {
		b.Queue(insertMessages, p.messageColumns()...)
	}
	p.queueConversations(b)
	p.queueMembers(b)
	p.queueArrivals(b)
	p.queueOutgoing(b)
}

func (p *pending) queueConversations(b *pgx.Batch) {
	few := len(p.conversations) <= fewRows
	var ids, seqs, counts, ats, lasts []int64
	for id, c := range p.conversations {
		if few {
			b.Queue(updateConversation, int64(id), c.LastSeq, c.Count, millis(c.LastAt), int64(c.LastID))
			continue
		}
		ids, seqs, counts = append(ids, int64(id)), append(seqs, c.LastSeq), append(counts, c.Count)
		ats, lasts = append(ats, millis(c.LastAt)), append(lasts, int64(c.LastID))
	}
	if !few {
		b.Queue(updateConversations, ids, seqs, counts, ats, lasts)
	}
}

func (p *pending) queueMembers(b *pgx.Batch) {
	few := len(p.members) <= fewRows
	var accounts []string
	var conversations, reads, sures, counts, own, ownAt []int64
	var places, unread []*int64
	for k, m := range p.members {
		if few {
			b.Queue(updateMember, string(k.account), int64(k.conversation), m.ReadSeq, m.SureSeq, m.ReadCount, m.Own, m.OwnAtRead, m.place, m.unread)
			continue
		}
		accounts, conversations = append(accounts, string(k.account)), append(conversations, int64(k.conversation))
		reads, sures, counts = append(reads, m.ReadSeq), append(sures, m.SureSeq), append(counts, m.ReadCount)
		own, ownAt = append(own, m.Own), append(ownAt, m.OwnAtRead)
		places, unread = append(places, m.place), append(unread, m.unread)
	}
	if !few {
		b.Queue(updateMembers, accounts, conversations, reads, sures, counts, own, ownAt, places, unread)
	}
}

func (p *pending) queueArrivals(b *pgx.Batch) {
	few := len(p.arrivals) <= fewRows
	var accounts []string
	var conversations []int64
	var places, unread []*int64
	for k, a := range p.arrivals {
		if few {
			b.Queue(updateArrival, string(k.account), int64(k.conversation), notZero(int64(a.place)), notZero(flag(a.unread)))
			continue
		}
		accounts, conversations = append(accounts, string(k.account)), append(conversations, int64(k.conversation))
		places, unread = append(places, notZero(int64(a.place))), append(unread, notZero(flag(a.unread)))
	}
	if !few {
		b.Queue(updateArrivals, accounts, conversations, places, unread)
	}
}

func (p *pending) queueOutgoing(b *pgx.Batch) {
	few := len(p.outgoing) <= fewRows
	var subscriptions, events, kinds, topics, failures []string
	var ats, sinces, attempts, nexts, deads []int64
	var bodies [][]byte
	for _, o := range p.outgoing {
		if few {
			b.Queue(insertOutgoing, string(o.Subscription), o.Event, string(o.Kind), keep(o.Topic), millis(o.At), millis(o.Since), o.Body,
				int64(o.Attempts), millis(o.NextAt), millis(o.DeadAt), keep(o.Failure))
			continue
		}
		subscriptions, events, kinds = append(subscriptions, string(o.Subscription)), append(events, o.Event), append(kinds, string(o.Kind))
		topics, ats, sinces = append(topics, keep(o.Topic)), append(ats, millis(o.At)), append(sinces, millis(o.Since))
		bodies, attempts = append(bodies, o.Body), append(attempts, int64(o.Attempts))
		nexts, deads, failures = append(nexts, millis(o.NextAt)), append(deads, millis(o.DeadAt)), append(failures, keep(o.Failure))
	}
	if !few {
		b.Queue(insertOutgoings, subscriptions, events, kinds, topics, ats, sinces, bodies, attempts, nexts, deads, failures)
	}
}

// messageFields are the columns of a message in the order of messageRowColumns.
var messageFields = []messageField{
	number(func(m *chat.Message) int64 { return int64(m.ID) }),
	number(func(m *chat.Message) int64 { return int64(m.Conversation) }),
	number(func(m *chat.Message) int64 { return m.Seq }),
	number(func(m *chat.Message) int64 { return m.Count }),
	number(func(m *chat.Message) int64 { return int64(m.System) }),
	number(func(m *chat.Message) int64 { return int64(m.Type) }),
	textOf(func(m *chat.Message) string { return m.Text }),
	textOrNull(func(m *chat.Message) string { return string(m.File) }),
	textOrNull(func(m *chat.Message) string { return string(m.Card) }),
	textOrNull(func(m *chat.Message) string { return string(m.Location) }),
	textOf(func(m *chat.Message) string { return string(m.From) }),
	textOrNull(func(m *chat.Message) string { return string(m.App) }),
	numberOrNull(func(m *chat.Message) int64 { return int64(m.Refer) }),
	textOrNull(func(m *chat.Message) string { return m.WaitingID }),
	number(func(m *chat.Message) int64 { return millis(m.At) }),
	numberOrNull(func(m *chat.Message) int64 { return millis(m.SentAt) }),
	number(messageChecksum),
}

// messageField is a column, as the value of one message and as the array of many.
type messageField struct {
	one  func(m *chat.Message) any
	many func(messages []chat.Message) any
}

func field[T any](of func(m *chat.Message) T) messageField {
	return messageField{
		one: func(m *chat.Message) any { return of(m) },
		many: func(messages []chat.Message) any {
			column := make([]T, len(messages))
			for i := range messages {
				column[i] = of(&messages[i])
			}
			return column
		},
	}
}

func number(of func(m *chat.Message) int64) messageField { return field(of) }

func textOf(of func(m *chat.Message) string) messageField {
	return field(func(m *chat.Message) string { return keep(of(m)) })
}

func numberOrNull(of func(m *chat.Message) int64) messageField {
	return field(func(m *chat.Message) *int64 { return notZero(of(m)) })
}

func textOrNull(of func(m *chat.Message) string) messageField {
	return field(func(m *chat.Message) *string { return notZero(keep(of(m))) })
}

// notZero returns nil, which is NULL, for the zero value.
func notZero[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}

func messageRow(m *chat.Message) []any {
	row := make([]any, len(messageFields))
	for i, f := range messageFields {
		row[i] = f.one(m)
	}
	return row
}

func (p *pending) messageColumns() []any {
	columns := make([]any, len(messageFields))
	for i, f := range messageFields {
		columns[i] = f.many(p.messages)
	}
	return columns
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
	if len(c.kept) > 0 {
		b.Queue(c.engine.rebind(insertKept), c.kept)
	}
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
	c.kept = c.kept[:0]
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
	taken := func(rows pgx.Rows) error {
		var name int64
		_, err := pgx.ForEachRow(rows, []any{&name}, func() error {
			delete(p.free, name)
			return nil
		})
		return err
	}
	if len(expected) > fewRows {
		b.Queue("SELECT name FROM waitingid WHERE name = ANY($1)", expected).Query(taken)
		return
	}
	for _, name := range expected {
		b.Queue("SELECT name FROM waitingid WHERE name = $1", name).Query(taken)
	}
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
