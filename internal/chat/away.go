package chat

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// OutgoingAway is a message with those who have not seen it and are not online. The receivers are found when the event is posted, a
// moment after the message: then its mentions are known, and whoever looks at the chat has read it.
type OutgoingAway struct {
	Posted    *Posted
	Receivers []AwayReceiver
}

// AwayReceiver is an account that is not online.
type AwayReceiver struct {
	Account   AccountID
	Badge     int64 // everything unread that is not muted
	Muted     bool  // the chat is
	Mentioned bool
}

// awayPause is the time between a message and the search for its receivers. It is longer than the nodes need to tell each other who is online.
const awayPause = 3 * time.Second

// awayTopic is a topic of the message alone: these events need no order, and do not wait for each other.
const awayTopic = "away "

// Online returns those of the accounts that have a socket, on any node.
type Online func(context.Context, []AccountID) (map[AccountID]bool, error)

// OutgoingBody returns what is posted for an event; nil: nothing, because there is nobody to tell. It is the stored body, except for
// [OutgoingMessageAway], whose receivers are added.
func (s *Service) OutgoingBody(ctx context.Context, o *Outgoing, online Online) ([]byte, error) {
	if o.Kind != OutgoingMessageAway {
		return o.Body, nil
	}
	number, err := strconv.ParseInt(strings.TrimPrefix(o.Topic, awayTopic), 10, 64)
	if err != nil {
		return nil, err
	}
	away, err := s.awayMessage(ctx, MessageID(number))
	if err != nil || len(away.candidates) == 0 {
		return nil, err
	}
	here, err := online(ctx, away.candidates)
	if err != nil {
		return nil, err
	}
	offline := slices.DeleteFunc(away.candidates, func(a AccountID) bool { return here[a] })
	if len(offline) == 0 {
		return nil, nil
	}
	receivers, err := view(ctx, s, func(tx Tx) ([]AwayReceiver, error) { return away.receivers(tx, offline) })
	if err != nil || len(receivers) == 0 {
		return nil, err
	}
	return s.opts.EncodeOutgoing(&OutgoingEvent{Kind: OutgoingMessageAway, At: o.At, Data: OutgoingAway{&away.posted, receivers}})
}

// awayMessage is a message and those who may have to be told.
type awayMessage struct {
	posted     Posted
	candidates []AccountID
	mentioned  []AccountID
}

func (s *Service) awayMessage(ctx context.Context, id MessageID) (awayMessage, error) {
	return view(ctx, s, func(tx Tx) (away awayMessage, err error) {
		m, err := tx.Message(id)
		if err != nil || m.Withdrawn() { // or removed because of its age
			return away, or(err, nil)
		}
		if away.posted, err = posted(tx, "", m); err != nil {
			return away, err
		}
		c, err := tx.Conversation(m.Conversation)
		if err != nil {
			return away, err
		}
		mentioned, err := tx.MentionedBy(c.ID, m.Seq, m.Seq)
		if err != nil {
			return away, err
		}
		away.mentioned = mentioned[m.ID]
		switch {
		case c.Kind == KindSelf:
			return away, nil
		case c.Kind == KindDirect:
			away.candidates = []AccountID{c.Peer(m.From)}
			return away, nil
		}
		g, err := tx.Group(c.Group) // a head has no number of members
		if err != nil {
			return away, err
		}
		if g.Members > s.opts.MaxAway {
			away.candidates = slices.DeleteFunc(slices.Clone(away.mentioned), func(a AccountID) bool { return a == Everyone || a == m.From })
			return away, nil
		}
		members, err := tx.Members(c.ID, "", 0)
		for _, member := range members {
			if member.Account.ID != m.From {
				away.candidates = append(away.candidates, member.Account.ID)
			}
		}
		return away, err
	})
}

// receivers returns those of the accounts that have not read the message.
func (w *awayMessage) receivers(tx Tx, accounts []AccountID) (all []AwayReceiver, err error) {
	m := &w.posted.Message
	everyone := slices.Contains(w.mentioned, Everyone)
	for _, id := range accounts {
		who, err := tx.Account(id)
		if err != nil {
			return nil, err
		}
		in, err := tx.Membership(m.Conversation, id)
		if errors.Is(err, ErrNoRow) || err == nil && (!who.Active || in.Left() || in.ReadSeq >= m.Seq) {
			continue
		}
		if err != nil {
			return nil, err
		}
		totals, err := unreadTotals(tx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, AwayReceiver{
			Account: id, Badge: totals.Count - totals.Muted, Muted: !in.Push, Mentioned: everyone || slices.Contains(w.mentioned, id),
		})
	}
	return all, nil
}
