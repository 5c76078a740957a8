package chat

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"
)

// RetentionScope is what a rule of retention is for.
type RetentionScope string

// The scopes.
const (
	RetentionOrganization RetentionScope = "organization"
	RetentionGroup        RetentionScope = "group"
)

// RetentionRule says for how many days messages and their files are kept.
//
// The rule of a group is the one for its chat. A group without one, and a chat between two people, follow the rules
// of organizations: the group those of its creator, the two those that both are in, the chat with oneself those of
// the person. A chat with an erased person, or a group of one, follows those of the others in it, or that of the main
// organization if they are in none. Of several rules the longest counts. Without a rule, messages are kept for ever.
//
// The age of a message is that of [Message.Sent]: an imported message is as old as in the system that it is from.
type RetentionRule struct {
	Scope RetentionScope
	ID    string // of the organization or the group
	Name  string // of it
	Days  int    // KeepForever, or 1 to MaxRetention
	SetAt time.Time
}

// Values of Days.
const (
	KeepForever  = 0
	NoRetention  = -1 // in a change: there is no rule from now on
	MaxRetention = 36500
)

// RetentionRun is the removal of old messages: the present one, or the last one.
type RetentionRun struct {
	Began, Ended  time.Time      // Ended before Began: it has not ended
	Done          ConversationID // the last conversation that was looked at
	Conversations int64          // the highest id of a conversation, to show the progress
	Messages      int64          // that were removed
	Files         int64          // that these named, and that no other message names
	Bytes         int64          // the size of the files
}

// Runs reports whether it has not ended.
func (r RetentionRun) Runs() bool { return r.Began.After(r.Ended) }

// Expired is a conversation with messages that are to be removed.
type Expired struct {
	Conversation ConversationID
	Before       time.Time // older ones go
}

// ExpiredCount counts messages of a conversation that are to be removed.
type ExpiredCount struct {
	Messages, Files, Bytes int64 // files that no other message names, and their size
	Oldest                 time.Time
}

// RemovedMessages is the outcome of one step of a removal.
type RemovedMessages struct {
	Messages, Files, Bytes int64 // files that no other message names, and their size
	More                   bool
}

// RetentionTx is the part of [Tx] for retention.
type RetentionTx interface {
	RetentionRules() ([]RetentionRule, error) // without names
	RetentionRule(scope RetentionScope, id string) (RetentionRule, error)
	SetRetention(RetentionRule) error
	RemoveRetention(scope RetentionScope, id string) error
	RetentionRun() (RetentionRun, error)
	SetRetentionRun(RetentionRun) error
	// Expired looks at some conversations after one, and returns those with messages that a rule no longer keeps. next
	// is the last one that it has looked at; 0: there was none. instead takes the place of the rule for the same scope and id.
	Expired(after ConversationID, now time.Time, instead *RetentionRule) (found []Expired, next ConversationID, err error)
	// ExpiredUpTo returns the last of the messages at the beginning of the log that are all from before a time, or ErrNoRow.
	ExpiredUpTo(c ConversationID, before time.Time) (Message, error)
	// CountExpired counts the messages up to a place, and those after it that were sent before a time.
	CountExpired(c ConversationID, upTo int64, before time.Time) (ExpiredCount, error)
	// ReadExpired moves the cursors of at most limit participants on to a place, for certain, and returns the participants who
	// had not read so far. more is true if there may be others.
	ReadExpired(c ConversationID, upTo int64, limit int) (behind []AccountID, more bool, err error)
	// RemoveMessages removes the first messages up to a place, some at a time. No cursor may be before that place.
	RemoveMessages(c ConversationID, upTo int64, now time.Time) (RemovedMessages, error)
	// ExpireMessages removes messages from before a time that are behind younger ones, some at a time. Their places
	// in the log stay until the younger ones go. last is the highest place; 0: there was no such message.
	ExpireMessages(c ConversationID, before, now time.Time) (n RemovedMessages, last int64, err error)
	// Behind pages through the participants whose cursors are before a place, by account.
	Behind(c ConversationID, seq int64, after AccountID, limit int) ([]AccountID, error)
}

// RetentionOrganizations returns the organizations for which there can be rules, at most a hundred. Administrators only.
func (s *Service) RetentionOrganizations(ctx context.Context, by Actor) ([]Organization, error) {
	return view(ctx, s, func(tx Tx) ([]Organization, error) {
		if _, err := administrator(tx, by); err != nil {
			return nil, err
		}
		return tx.Organizations("", 100)
	})
}

// Retention returns all rules, and how far the removal is. Administrators only.
func (s *Service) Retention(ctx context.Context, by Actor) (rules []RetentionRule, run RetentionRun, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		if _, err := administrator(tx, by); err != nil {
			return err
		}
		all, err := tx.RetentionRules()
		if err != nil {
			return err
		}
		rules = nil
		for _, r := range all {
			if r.Name, err = retentionName(tx, r.Scope, r.ID); err == nil {
				rules = append(rules, r)
			} else if !errors.Is(err, ErrNoRow) { // an organization that was deleted
				return err
			}
		}
		run, err = tx.RetentionRun()
		return err
	})
	return rules, run, err
}

func retentionName(tx Tx, scope RetentionScope, id string) (string, error) {
	if scope == RetentionGroup {
		g, err := tx.GroupHead(GroupID(id))
		return g.Name, err
	}
	o, err := tx.Organization(OrganizationID(id))
	return o.Name, err
}

// checkRetention checks a rule and completes its name.
func checkRetention(tx Tx, r *RetentionRule) (err error) {
	missing := ErrNotFound
	switch r.Scope {
	case RetentionOrganization:
	case RetentionGroup:
		missing = ErrGroupNotFound
	default:
		return Invalid("scope", "must be organization or group")
	}
	if r.Days < NoRetention || r.Days > MaxRetention {
		return Invalid("days", "must be 1 to %d, or 0 to keep messages for ever", MaxRetention)
	}
	r.Name, err = retentionName(tx, r.Scope, r.ID)
	return or(err, missing)
}

// SetRetention sets the rule of an organization or a group, or removes it if Days is [NoRetention]. Messages that it no
// longer keeps are removed with the next run, and only a backup has them. Therefore a person needs a fresh session:
// [ErrSignInAgain]; see [Service.FreshUntil]. Administrators only.
func (s *Service) SetRetention(ctx context.Context, by Actor, r RetentionRule) (RetentionRule, error) {
	r.SetAt = s.now()
	return update(ctx, s, func(tx Tx) (RetentionRule, error) {
		who, err := administrator(tx, by)
		if err != nil {
			return r, err
		}
		if err := checkRetention(tx, &r); err != nil {
			return r, err
		}
		if err := who.proven(ctx, s, tx); err != nil {
			return r, err
		}
		before, err := tx.RetentionRule(r.Scope, r.ID)
		if errors.Is(err, ErrNoRow) {
			before.Days, err = NoRetention, nil
		}
		if err != nil || before.Days == r.Days {
			return r, err
		}
		if r.Days == NoRetention {
			err = tx.RemoveRetention(r.Scope, r.ID)
		} else {
			err = tx.SetRetention(r)
		}
		if err != nil {
			return r, err
		}
		e := AuditEntry{Kind: AuditRetentionChanged, Actor: by.Account, App: by.App, TargetType: TargetOrganization, Target: r.ID}
		if r.Scope == RetentionGroup {
			e.TargetType = TargetGroup
		}
		return r, s.record(ctx, tx, e.with("from", retentionText(before.Days)).with("to", retentionText(r.Days)))
	})
}

func retentionText(days int) string {
	switch days {
	case NoRetention:
		return "none"
	case KeepForever:
		return "forever"
	}
	return strconv.Itoa(days)
}

// RetentionPreview is what the next run removes.
type RetentionPreview struct {
	Chats, Messages, Files, Bytes int64
	Oldest                        time.Time // of the messages
}

// RetentionPart is a part of a preview.
type RetentionPart struct {
	RetentionPreview
	Next ConversationID // the last one that was looked at; 0: the preview is complete
	Last ConversationID // the highest id of a conversation, to show the progress
}

// PreviewMost is a number of messages and conversations that are counted within a second.
const PreviewMost = 50_000

// PreviewRetention counts what the next run would remove if a rule was set as given, or with the present
// rules if it is nil. progress is called after each part, and at the end. Administrators only.
func (s *Service) PreviewRetention(ctx context.Context, by Actor, instead *RetentionRule, progress func(done, total int64)) (p RetentionPreview, err error) {
	for from := ConversationID(0); ; {
		part, err := s.PreviewRetentionPart(ctx, by, instead, from, PreviewMost)
		if err != nil {
			return p, err
		}
		p.include(part.RetentionPreview)
		if from = part.Next; from == 0 {
			progress(1, 1)
			return p, nil
		}
		progress(min(int64(from), int64(part.Last)-1), int64(part.Last))
	}
}

// PreviewRetentionPart counts like [Service.PreviewRetention] in conversations after one. It ends when it has looked at most
// conversations and expired messages, at the next end of a conversation. Administrators only.
func (s *Service) PreviewRetentionPart(ctx context.Context, by Actor, instead *RetentionRule, after ConversationID, most int64) (p RetentionPart, err error) {
	err = s.store.Search(ctx, func(tx Tx) error {
		p = RetentionPart{Next: after}
		if _, err := administrator(tx, by); err != nil {
			return err
		}
		if instead != nil {
			if err := checkRetention(tx, instead); err != nil {
				return err
			}
		}
		run, err := tx.RetentionRun()
		if err != nil {
			return err
		}
		p.Last = ConversationID(run.Conversations)
		for p.Next-after+ConversationID(p.Messages) < ConversationID(most) {
			found, next, err := tx.Expired(p.Next, s.now(), instead)
			if err != nil {
				return err
			}
			for _, e := range found {
				if err := p.add(tx, e); err != nil {
					return err
				}
				if p.Next = e.Conversation; p.Messages >= most {
					return nil
				}
			}
			if p.Next = next; next == 0 {
				return nil
			}
		}
		return nil
	})
	return p, err
}

// include adds the figures of another part.
func (p *RetentionPreview) include(o RetentionPreview) {
	p.Chats += o.Chats
	p.Messages += o.Messages
	p.Files += o.Files
	p.Bytes += o.Bytes
	if p.Oldest.IsZero() || !o.Oldest.IsZero() && o.Oldest.Before(p.Oldest) {
		p.Oldest = o.Oldest
	}
}

func (p *RetentionPreview) add(tx Tx, e Expired) error {
	last, err := tx.ExpiredUpTo(e.Conversation, e.Before)
	if or(err, nil) != nil {
		return err
	}
	n, err := tx.CountExpired(e.Conversation, last.Seq, e.Before)
	if err != nil || n.Messages == 0 {
		return err
	}
	p.include(RetentionPreview{Chats: 1, Messages: n.Messages, Files: n.Files, Bytes: n.Bytes, Oldest: n.Oldest})
	return nil
}

// readAtATime is how many cursors one transaction of a removal moves.
const readAtATime = 100

// RetentionRun returns how far the removal is.
func (s *Service) RetentionRun(ctx context.Context) (RetentionRun, error) {
	return view(ctx, s, Tx.RetentionRun)
}

// RemoveOld removes the messages that no rule keeps, conversation by conversation. A run that was interrupted goes on
// where it was. pause is called after each transaction, which takes a few milliseconds, with the state of the run, and ends the
// run with its error.
//
// A message that nobody has read no longer counts when it is removed: the cursors are moved first, as if the participants had
// read up to it, and their clients get the new count.
func (s *Service) RemoveOld(ctx context.Context, pause func(context.Context, RetentionRun) error) (RetentionRun, error) {
	r := &removal{s: s, pause: pause}
	if err := s.store.Update(ctx, func(tx Tx) (err error) {
		if r.run, err = tx.RetentionRun(); err != nil || r.run.Runs() {
			return err
		}
		r.run = RetentionRun{Began: later(s.now(), r.run.Ended), Ended: r.run.Ended, Conversations: r.run.Conversations}
		return tx.SetRetentionRun(r.run)
	}); err != nil {
		return r.run, err
	}
	for r.run.Runs() {
		if err := r.part(ctx); err != nil {
			return r.run, err
		}
	}
	return r.run, nil
}

// later returns now, or a time after before if the clock was set back.
func later(now, before time.Time) time.Time {
	if now.After(before) {
		return now
	}
	return before.Add(time.Millisecond)
}

// removal is a run as it goes on.
type removal struct {
	s     *Service
	run   RetentionRun
	rules []RetentionRule // by which the present part was found
	pause func(context.Context, RetentionRun) error
}

// errRulesChanged ends a part of a removal. The same conversations are looked at once more.
var errRulesChanged = errors.New("chat: the rules of retention were changed")

// part looks at some conversations and removes their old messages.
func (r *removal) part(ctx context.Context) error {
	var found []Expired
	var next ConversationID
	if err := r.s.store.View(ctx, func(tx Tx) (err error) {
		if r.rules, err = tx.RetentionRules(); err != nil {
			return err
		}
		found, next, err = tx.Expired(r.run.Done, r.s.now(), nil)
		return err
	}); err != nil {
		return err
	}
	for _, e := range found {
		err := r.remove(ctx, e)
		if errors.Is(err, errRulesChanged) {
			return nil
		}
		if err != nil {
			return err
		}
		r.run.Done = e.Conversation
	}
	if next != 0 {
		r.run.Done = next
	} else {
		r.run.Ended = later(r.s.now(), r.run.Began)
	}
	if next == 0 || len(found) > 0 {
		if err := r.s.store.Update(ctx, func(tx Tx) error { return tx.SetRetentionRun(r.run) }); err != nil || next == 0 {
			return err
		}
	}
	return r.pause(ctx, r.run)
}

// remove removes the old messages of a conversation: first those at the beginning of the log, then those that
// are behind younger ones, because they were imported later.
func (r *removal) remove(ctx context.Context, e Expired) error {
	var last Message
	err := r.s.store.View(ctx, func(tx Tx) (err error) {
		last, err = tx.ExpiredUpTo(e.Conversation, e.Before)
		return err
	})
	if or(err, nil) != nil {
		return err
	}
	if err == nil {
		if err := r.removeBeginning(ctx, last); err != nil {
			return err
		}
	}
	return r.removeBehind(ctx, e)
}

// removeBeginning removes the messages up to one.
func (r *removal) removeBeginning(ctx context.Context, last Message) error {
	for more := true; more; {
		if err := r.step(ctx, func(tx Tx) (n RemovedMessages, err error) {
			more, err = readExpired(tx, last)
			return n, err
		}); err != nil {
			return err
		}
	}
	for more := true; more; {
		if err := r.step(ctx, func(tx Tx) (RemovedMessages, error) {
			n, err := tx.RemoveMessages(last.Conversation, last.Seq, r.s.now())
			more = n.More
			return n, err
		}); err != nil {
			return err
		}
	}
	return nil
}

// removeBehind removes old messages that are behind younger ones, and tells the participants the new counts.
func (r *removal) removeBehind(ctx context.Context, e Expired) error {
	last := int64(0)
	for more := true; more; {
		if err := r.step(ctx, func(tx Tx) (RemovedMessages, error) {
			n, seq, err := tx.ExpireMessages(e.Conversation, e.Before, r.s.now())
			more, last = n.More, max(last, seq)
			return n, err
		}); err != nil {
			return err
		}
	}
	for after, more := AccountID(""), last > 0; more; {
		var behind []AccountID
		if err := r.step(ctx, func(tx Tx) (n RemovedMessages, err error) {
			if behind, err = tx.Behind(e.Conversation, last, after, readAtATime); err != nil {
				return n, err
			}
			return n, tellUnread(tx, e.Conversation, behind)
		}); err != nil {
			return err
		}
		if more = len(behind) == readAtATime; more {
			after = behind[len(behind)-1]
		}
	}
	return nil
}

// step runs a transaction of the removal, unless the rules have changed, and stores how much it has removed.
func (r *removal) step(ctx context.Context, do func(Tx) (RemovedMessages, error)) error {
	var after RetentionRun
	if err := r.s.store.Update(ctx, func(tx Tx) error {
		rules, err := tx.RetentionRules()
		if err != nil {
			return err
		}
		if !slices.Equal(rules, r.rules) {
			return errRulesChanged
		}
		n, err := do(tx)
		if err != nil {
			return err
		}
		after = r.run
		after.Messages, after.Files, after.Bytes = r.run.Messages+n.Messages, r.run.Files+n.Files, r.run.Bytes+n.Bytes
		if after == r.run {
			return nil
		}
		return tx.SetRetentionRun(after)
	}); err != nil {
		return err
	}
	r.run = after
	return r.pause(ctx, r.run)
}

// tellUnread tells participants their counts of a conversation.
func tellUnread(tx Tx, c ConversationID, accounts []AccountID) error {
	for _, a := range accounts {
		unread, err := tx.ChatUnread(c, a)
		if err != nil {
			return err
		}
		tx.Publish(ReadTakenBack{Account: a, Unread: unread})
	}
	return nil
}

// readExpired moves cursors that are before a message, and tells the participants the new counts.
func readExpired(tx Tx, last Message) (more bool, err error) {
	behind, more, err := tx.ReadExpired(last.Conversation, last.Seq, readAtATime)
	if err != nil || len(behind) == 0 {
		return more, err
	}
	c, err := tx.Conversation(last.Conversation)
	if err != nil {
		return false, err
	}
	for _, a := range behind {
		left, err := tx.ChatUnread(last.Conversation, a)
		if err != nil {
			return false, err
		}
		tx.Publish(ChatReadUpTo{Account: a, UpTo: last.ID, Last: c.LastID, Left: left})
	}
	return more, nil
}
