package chat

import (
	"context"
	"slices"
	"strings"
	"time"
)

// SearchFor is the kind of content that a search for messages looks at.
type SearchFor int

// The kinds of content.
const (
	SearchAnything SearchFor = 0 // everything below
	SearchMessages SearchFor = 1 // texts, cards and places
	SearchFiles    SearchFor = 2 // images, files and videos by their names and what was said with them
)

// MessageSearch is a search for messages of people. System messages and withdrawn messages
// are not found. A zero field is no restriction, but without a Text something must be restricted:
// nothing is found otherwise.
type MessageSearch struct {
	Text   string // words in any order, the last may be a beginning; see docs/protocol/search.md
	For    SearchFor
	Chat   ChatRef // only in this chat
	From   AccountID
	Since  time.Time
	Until  time.Time     // before this moment
	Kinds  []MessageType // only of one of these types
	Link   bool          // only with a link in the text, or cards with one
	Before MessageID     // older than this message: the next page
	Limit  int
}

// Restricted reports whether there is a restriction besides the text.
func (q *MessageSearch) Restricted() bool {
	return q.Chat != (ChatRef{}) || q.From != "" || !q.Since.IsZero() || !q.Until.IsZero() || len(q.Kinds) > 0 || q.Link
}

// check refuses restrictions that no message could meet.
func (q *MessageSearch) check() error {
	if err := checkLength("query", q.Text, maxSearch); err != nil {
		return err
	}
	if q.From != "" {
		if err := checkID("from", q.From); err != nil {
			return err
		}
	}
	if !q.Since.IsZero() && !q.Until.IsZero() && !q.Until.After(q.Since) {
		return Invalid("until", "must be after since")
	}
	for _, kind := range q.Kinds {
		if kind < TypeText || kind > TypeVideo {
			return Invalid("kind", "must be 1 to 7")
		}
	}
	if q.For == SearchFiles && q.ExcludesFiles() {
		return Invalid("kind", "must be image, file or video in a search for files")
	}
	return nil
}

// ExcludesFiles reports whether no file is of one of the types.
func (q *MessageSearch) ExcludesFiles() bool {
	return len(q.Kinds) > 0 && !slices.ContainsFunc(q.Kinds, MessageType.IsFile)
}

// IsFile reports whether messages of the type are files for a search. Voice messages are not.
func (t MessageType) IsFile() bool { return t == TypeImage || t == TypeFile || t == TypeVideo }

// Excerpt is a piece of a text with the matches of a search. Marks are
// beginnings and ends in UTF-16 units of Text.
type Excerpt struct {
	Text  string
	Marks [][2]int
}

// Hit is a message that a search has found, with its chat as the reader calls it.
type Hit struct {
	Posted
	Chat    ChatRef
	Name    string // of the chat
	Avatar  string
	Excerpt Excerpt
}

// Hits are the results of a search, newest first.
type Hits struct {
	Hits []Hit
	Next MessageID // look further before this one; 0: there is nothing more
	// Partial: the time was up before everything was looked through. Next says
	// where to go on, unless nothing was looked through at all.
	Partial bool
}

// SearchTx is the part of [Tx] for searches.
type SearchTx interface {
	// FindMessages looks through the chats that the account takes part in, or did:
	// then up to where it left.
	FindMessages(of AccountID, q FindMessages) (FoundMessages, error)
	// Directory pages through the active accounts that are related to the account,
	// ordered as in a phone book, and counts them by letter where the list begins;
	// see [DirectoryQuery].
	Directory(of AccountID, q DirectoryQuery) ([]Account, []DirectorySection, error)
	// Initial is the letter under which a directory lists a name: "A" to "Z", or "#".
	Initial(name string) string
}

// FindMessages is a [MessageSearch] in storage's terms.
type FindMessages struct {
	Text         string
	For          SearchFor
	Conversation ConversationID // 0: all
	UntilSeq     int64          // with Conversation; 0: no limit
	From         AccountID
	Since, Until time.Time
	Kinds        []MessageType // empty: all
	Link         bool
	AnyText      bool // Text is empty and does not count; without this, an empty text finds nothing
	Before       MessageID
	Skip         int // so many of what is found first are left out
	Limit        int
	Within       time.Duration // give up after so long; 0: never
	Excerpts     bool
}

// FoundMessages are the messages found, newest first.
type FoundMessages struct {
	Messages []Message
	Excerpts []Excerpt // of each message, if asked for
	Next     MessageID // as in [Hits]
	Partial  bool
}

// maxSearch is the maximum length of a search text, in UTF-16 units.
const maxSearch = 200

// Search finds messages in the caller's chats.
func (s *Service) Search(ctx context.Context, by Actor, q MessageSearch) (Hits, error) {
	if err := q.check(); err != nil {
		return Hits{}, err
	}
	return read(ctx, s.store.Search, func(tx Tx) (Hits, error) {
		if _, err := caller(tx, by); err != nil {
			return Hits{}, err
		}
		find := FindMessages{
			Text: q.Text, For: q.For, From: q.From, Since: q.Since, Until: q.Until, Kinds: q.Kinds, Link: q.Link, Before: q.Before,
			AnyText: strings.TrimSpace(q.Text) == "" && q.Restricted(),
			Limit:   s.page(q.Limit), Within: s.live().SearchTime, Excerpts: true,
		}
		if q.Chat != (ChatRef{}) {
			found, err := findChat(tx, by.Account, q.Chat)
			if err != nil || !found.readable() {
				return Hits{}, err
			}
			find.Conversation, find.UntilSeq = found.id, found.untilSeq()
		}
		found, err := tx.FindMessages(by.Account, find)
		if err != nil {
			return Hits{}, err
		}
		return s.hits(tx, by.Account, found)
	})
}

func (s *Service) hits(tx Tx, reader AccountID, found FoundMessages) (Hits, error) {
	out := Hits{Next: found.Next, Partial: found.Partial}
	posted, err := allPosted(tx, reader, found.Messages)
	if err != nil {
		return Hits{}, err
	}
	for i := range posted {
		if !posted[i].Message.EditedAt.Equal(found.Messages[i].EditedAt) {
			continue // found by a text that the reader, a former member, must not know
		}
		h := Hit{Posted: posted[i], Excerpt: found.Excerpts[i]}
		if err := s.nameChat(tx, reader, &h); err != nil {
			return Hits{}, err
		}
		out.Hits = append(out.Hits, h)
	}
	return out, nil
}

// nameChat fills in the name under which the reader knows the chat of a hit.
func (s *Service) nameChat(tx Tx, reader AccountID, h *Hit) error {
	switch peer := h.Peer; {
	case h.Group != nil:
		h.Chat, h.Name, h.Avatar = ChatRef{SessionGroup, string(h.Group.ID)}, h.Group.Name, h.Group.Avatar
	case peer == FileTransfer:
		h.Chat, h.Name = ChatRef{SessionUser, string(FileTransfer)}, s.text().fileTransfer()
	default:
		if peer == reader {
			peer = h.Message.From
		}
		a, err := tx.Account(peer)
		if err != nil {
			return err
		}
		h.Chat, h.Name, h.Avatar = ChatRef{SessionUser, string(peer)}, a.Name, a.Avatar
	}
	return nil
}

// readable reports whether there is anything in the chat that the account may see.
func (c *chat) readable() bool {
	return c.begun && !(c.member.Left() && c.member.LeftSeq == 0)
}

// untilSeq is the last place of a readable chat's log that the account may see; 0: no limit.
func (c *chat) untilSeq() int64 {
	if c.member.Left() {
		return c.member.LeftSeq
	}
	return 0
}
