package chat

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The operator imports people, chats and messages of another system. The database has, for each of their ids in the other
// system, the id here. So a repeated import finds them and makes nothing twice. The ids of the other system are stored as
// hashes, because some systems use names as ids.
//
// No client is told of imported messages, and nobody has them unread.

// PastAction is the action of an import for a person, a chat or a message.
type PastAction string

// The actions.
const (
	PastCreate PastAction = "create"
	PastMatch  PastAction = "match" // it is here already
	PastSkip   PastAction = "skip"
)

// Reasons of a match.
const (
	WhyBefore    = "imported before"
	WhySameEmail = "has the same e-mail address"
	WhySameID    = "has the same id"
	WhySameChat  = "the two have a chat here"
)

// PastResult is the result for a person, a chat or a message.
type PastResult struct {
	Action PastAction
	Why    string // of a match or a skip
	Own    string // the id here; empty: it will be made, or is skipped
}

// PastPerson is a person of another system.
type PastPerson struct {
	External string
	Account  // ID is used if it is free, or that of the same person; empty: a new one
	Detail
	Roles map[OrganizationID]OrganizationRole // of the organizations that somebody new joins
}

// ImportPast creates the people that are not here. A person is found by the record of an earlier import,
// then by the e-mail address, then by the id. An account that is found is not changed. New
// people join organizations. Without apply nothing is written, and the results are those of an import.
func (s *Service) ImportPast(ctx context.Context, source string, people []PastPerson, apply bool, told func(done int)) ([]PastResult, error) {
	seen := map[string]bool{} // addresses of people that will be made
	var all []PastResult
	for piece := range slices.Chunk(people, importPiece) {
		results, err := s.pastPiece(ctx, apply, func(tx Tx) ([]PastResult, error) {
			var out []PastResult
			seen := maps.Clone(seen)
			for _, p := range piece {
				r, err := s.importPerson(tx, source, p, seen, apply)
				if err != nil {
					return nil, err
				}
				out = append(out, r)
				if r.Action == PastCreate {
					seen[EmailKey(p.Email)] = true
				}
			}
			return out, nil
		})
		if err != nil {
			return nil, err
		}
		all = append(all, results...)
		told(len(all))
		for i, r := range results {
			if r.Action == PastCreate && piece[i].Email != "" {
				seen[EmailKey(piece[i].Email)] = true
			}
		}
	}
	return all, nil
}

// pastPiece runs fn in a transaction that writes only with apply.
func (s *Service) pastPiece(ctx context.Context, apply bool, fn func(Tx) ([]PastResult, error)) ([]PastResult, error) {
	if apply {
		return update(ctx, s, fn)
	}
	return view(ctx, s, fn)
}

func (s *Service) importPerson(tx Tx, source string, p PastPerson, seen map[string]bool, apply bool) (PastResult, error) {
	external := externalKey(p.External)
	noted, err := tx.Imported(source, ImportedAccount, []string{external})
	if err != nil {
		return PastResult{}, err
	}
	found, why := AccountID(noted[external]), WhyBefore
	if found == "" {
		if found, why, err = pastAccount(tx, &p); err != nil {
			return PastResult{}, err
		}
	}
	if found != "" {
		erased, err := hasRow(second(tx.Erasure(found)))
		if err != nil {
			return PastResult{}, err
		}
		if erased {
			return PastResult{Action: PastSkip, Why: "was erased here"}, nil
		}
	}
	switch {
	case found != "":
		if apply && noted[external] == "" {
			err = tx.SetImported(source, ImportedAccount, external, string(found))
		}
		return matched(found, why), err
	case why != "":
		return PastResult{Action: PastSkip, Why: why}, nil
	case p.Email != "" && seen[EmailKey(p.Email)]:
		return PastResult{Action: PastMatch, Why: WhySameEmail}, nil
	}
	if err := s.cleanPast(tx, &p); err != nil {
		return PastResult{}, err
	}
	if !apply {
		return PastResult{Action: PastCreate}, nil
	}
	if err := tx.CreateAccount(p.Account); err != nil {
		return PastResult{}, err
	}
	for _, into := range slices.Sorted(maps.Keys(p.Roles)) {
		if err := tx.AddToOrganization(into, []AccountID{p.ID}); err != nil {
			return PastResult{}, err
		}
		if role := p.Roles[into]; role != OrganizationMember {
			if err := tx.SetOrganizationRole(into, p.ID, role); err != nil {
				return PastResult{}, err
			}
		}
	}
	if p.Detail != (Detail{}) {
		if err := tx.SetAccountDetail(p.ID, p.Detail); err != nil {
			return PastResult{}, err
		}
	}
	tx.Publish(AccountChanged{Account: p.Account})
	return PastResult{Action: PastCreate, Own: string(p.ID)}, tx.SetImported(source, ImportedAccount, external, string(p.ID))
}

func matched[T ~string](own T, why string) PastResult {
	return PastResult{Action: PastMatch, Own: string(own), Why: why}
}

// pastAccount finds a person by the e-mail address or the id. why without an account is the
// reason for which nobody is made.
func pastAccount(tx Tx, p *PastPerson) (found AccountID, why string, err error) {
	if email, err := cleanEmail("email", p.Email); err == nil {
		p.Email = email
	} else {
		p.Email = ""
	}
	if p.Email != "" {
		accounts, err := tx.AccountsByEmail(p.Email)
		switch {
		case err != nil:
			return "", "", err
		case len(accounts) == 1:
			return accounts[0].ID, WhySameEmail, nil
		case len(accounts) > 1:
			return "", "several accounts have the e-mail address " + p.Email, nil
		}
	}
	if p.ID == "" {
		return "", "", nil
	}
	there, err := hasRow(second(tx.Account(p.ID)))
	if err != nil || !there {
		return "", "", err
	}
	return p.ID, WhySameID, nil
}

func second[T any](_ T, err error) error { return err }

// cleanPast makes a valid account of a person. Nobody can correct the values, so a value that is
// not permitted is left out or shortened.
func (s *Service) cleanPast(tx Tx, p *PastPerson) error {
	free := p.ID != "" && checkNewID("id", p.ID) == nil
	if free {
		err := idFree(tx.GroupHead, GroupID(p.ID))
		if free = err == nil; err != nil && !errors.Is(err, ErrConflict) {
			return err
		}
	}
	if !free {
		p.ID = AccountID(newID())
	}
	p.Name = s.pastName(p.Name, string(p.ID))
	if p.Bot {
		p.Active, p.Email, p.Roles = false, "", nil
	}
	if checkURL("avatar", p.Avatar) != nil {
		p.Avatar = ""
	}
	if checkLocale(Account{Language: p.Language}, Account{}) != nil {
		p.Language = ""
	}
	if checkLocale(Account{TimeZone: p.TimeZone}, Account{}) != nil {
		p.TimeZone = ""
	}
	for _, field := range []*string{&p.Title, &p.Department, &p.Phone} {
		*field = cutText(storable(*field), s.opts.MaxNameLength)
	}
	if p.CreatedAt.IsZero() || p.CreatedAt.After(s.now()) {
		p.CreatedAt = s.now()
	}
	return nil
}

// pastName is a name of another system in the form of one here.
func (s *Service) pastName(name, otherwise string) string {
	name = cutText(PlainText(storable(name)), s.opts.MaxNameLength)
	if clean, err := s.cleanName("name", name); err == nil {
		return clean
	}
	return otherwise
}

// cutText shortens a text to a number of UTF-16 units.
func cutText(text string, limit int) string {
	for utf16Longer(text, limit) {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}

// storable removes characters that a database refuses.
func storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}

// externalKey is the form in which an id of another system is stored.
func externalKey(external string) string {
	sum := sha256.Sum256([]byte(external))
	return base64.RawURLEncoding.EncodeToString(sum[:18])
}

// PastChat is a chat of another system. Its people are accounts here.
type PastChat struct {
	External     string
	Kind         ConversationKind
	ID           GroupID // used if it is free, or that of the same group; empty: a new one
	Name         string  // empty: a discussion without a name
	Announcement string
	Avatar       string // address
	IsPost       bool
	Creator      AccountID
	Members      []AccountID // of a direct chat one or two
	Admins       []AccountID // some of the members
	Former       []AccountID // have written and are no members
	CreatedAt    time.Time
	Banned       bool // only administrators may speak
	AdminsInvite bool // only administrators may add members
}

// ImportChats makes chats that are not here. Members are not added to a chat that is here. Each chat is
// imported in a transaction of its own. Without apply nothing is written. The
// accounts of a chat may be missing in that case, because they would be made first.
func (s *Service) ImportChats(ctx context.Context, source string, chats []PastChat, apply bool, told func(done int)) ([]PastResult, error) {
	var all []PastResult
	for i, c := range chats {
		results, err := s.pastPiece(ctx, apply, func(tx Tx) ([]PastResult, error) {
			r, err := s.importChat(tx, source, c, apply)
			return []PastResult{r}, err
		})
		if err != nil {
			return nil, fmt.Errorf("chat %q: %w", c.Name, err)
		}
		all = append(all, results...)
		told(i + 1)
	}
	return all, nil
}

func (s *Service) importChat(tx Tx, source string, c PastChat, apply bool) (PastResult, error) {
	kind := ImportedDirect
	if c.Kind == KindGroup {
		kind = ImportedGroup
	}
	external := externalKey(c.External)
	noted, err := tx.Imported(source, kind, []string{external})
	if err != nil {
		return PastResult{}, err
	}
	if own := noted[external]; own != "" {
		return matched(own, WhyBefore), nil
	}
	var r PastResult
	if c.Kind == KindGroup {
		r, err = s.importGroup(tx, c, apply)
	} else {
		r, err = s.importDirect(tx, c, apply)
	}
	if err != nil || !apply || r.Own == "" {
		return r, err
	}
	return r, tx.SetImported(source, kind, external, r.Own)
}

func (s *Service) importDirect(tx Tx, c PastChat, apply bool) (PastResult, error) {
	if len(c.Members) < 1 || len(c.Members) > 2 {
		return PastResult{Action: PastSkip, Why: "it does not have one or two people"}, nil
	}
	a, b := c.Members[0], c.Members[len(c.Members)-1]
	if a == "" || b == "" { // an account that does not exist yet
		return PastResult{Action: PastCreate}, nil
	}
	found, err := tx.DirectConversation(a, b)
	if err == nil {
		return matched(number(int64(found.ID)), WhySameChat), nil
	}
	if !errors.Is(err, ErrNoRow) {
		return PastResult{}, err
	}
	if !apply {
		return PastResult{Action: PastCreate}, nil
	}
	made, err := tx.CreateDirectConversation(a, b, s.past(c.CreatedAt))
	return PastResult{Action: PastCreate, Own: number(int64(made.ID))}, err
}

// past is a time of another system, but never later than now.
func (s *Service) past(at time.Time) time.Time {
	now := s.now()
	if at.IsZero() || at.After(now) {
		return now
	}
	return at.Truncate(time.Millisecond).UTC()
}

func (s *Service) importGroup(tx Tx, c PastChat, apply bool) (PastResult, error) {
	if c.ID != "" {
		there, err := hasRow(second(tx.GroupHead(c.ID)))
		if err != nil {
			return PastResult{}, err
		}
		if there {
			return matched(c.ID, WhySameID), nil
		}
	}
	members := unique(c.Members)
	switch {
	case len(members) == 0:
		return PastResult{Action: PastSkip, Why: "it has no members"}, nil
	case len(members) > s.live().MaxGroupMembers:
		return PastResult{Action: PastSkip, Why: fmt.Sprintf("it has %d members; the limit is %d", len(members), s.live().MaxGroupMembers)}, nil
	case !apply:
		return PastResult{Action: PastCreate}, nil
	}
	if !slices.Contains(members, c.Creator) {
		c.Creator = members[0]
		if len(c.Admins) > 0 {
			c.Creator = c.Admins[0]
		}
	}
	g, err := s.pastGroup(tx, c, members)
	if err != nil {
		return PastResult{}, err
	}
	g, entered, err := s.pastMembers(tx, g, c, members)
	if err != nil {
		return PastResult{}, err
	}
	tx.Publish(GroupEntered{Group: g, Added: entered, Created: true})
	return PastResult{Action: PastCreate, Own: string(g.ID)}, nil
}

// pastGroup makes the group without its members.
func (s *Service) pastGroup(tx Tx, c PastChat, members []AccountID) (Group, error) {
	creator, err := tx.Account(c.Creator)
	if err != nil {
		return Group{}, err
	}
	others, err := tx.Accounts(members)
	if err != nil {
		return Group{}, err
	}
	others = slices.DeleteFunc(others, func(a Account) bool { return a.ID == c.Creator })
	free := c.ID != "" && checkNewID("id", c.ID) == nil
	if free {
		err := idFree(tx.Account, AccountID(c.ID))
		if free = err == nil; err != nil && !errors.Is(err, ErrConflict) {
			return Group{}, err
		}
	}
	if !free {
		c.ID = GroupID(newID())
	}
	if checkURL("avatar", c.Avatar) != nil {
		c.Avatar = ""
	}
	name := s.pastName(c.Name, "")
	if name == "" && c.IsPost {
		name = string(c.ID)
	}
	g, err := tx.CreateGroup(Group{
		ID: c.ID, Name: name, Avatar: c.Avatar, IsPost: c.IsPost, Creator: c.Creator,
		Announcement: cutText(storable(c.Announcement), s.opts.MaxAnnouncement),
		Banned:       c.Banned, MembersInvite: !c.AdminsInvite, CreatedAt: s.past(c.CreatedAt),
	}.named(s, creator, others))
	return g, err
}

// pastMembers adds the members of a group, who have it in their lists with the first message.
func (s *Service) pastMembers(tx Tx, g Group, c PastChat, members []AccountID) (Group, []GroupMember, error) {
	isAdmin := map[AccountID]bool{c.Creator: true}
	for _, a := range c.Admins {
		isAdmin[a] = true
	}
	roles := map[Role][]AccountID{}
	for _, a := range members {
		role := RoleMember
		if isAdmin[a] {
			role = RoleAdmin
		}
		roles[role] = append(roles[role], a)
	}
	var entered []GroupMember
	for _, role := range []Role{RoleAdmin, RoleMember} {
		if err := tx.AddMembers(g.Conversation, roles[role], role, g.CreatedAt); err != nil {
			return g, nil, err
		}
		accounts, err := tx.Accounts(roles[role])
		if err != nil {
			return g, nil, err
		}
		added := asMembers(accounts, g.CreatedAt)
		for i := range added {
			added[i].Role = role
		}
		entered = append(entered, added...)
	}
	for _, a := range c.Former {
		if err := tx.AddFormerMember(g.Conversation, a, g.CreatedAt); err != nil {
			return g, nil, err
		}
	}
	if _, err := tx.List(g.Conversation); err != nil {
		return g, nil, err
	}
	g, err := tx.Group(g.ID)
	return g, entered, err
}

// PastConversation returns the conversation of an imported chat and whether its group was dissolved.
func (s *Service) PastConversation(ctx context.Context, kind ConversationKind, own string) (id ConversationID, dissolved bool, err error) {
	if kind != KindGroup {
		n, err := strconv.ParseInt(own, 10, 64)
		return ConversationID(n), false, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		g, err := tx.GroupHead(GroupID(own))
		id, dissolved = g.Conversation, g.Dissolved()
		return err
	})
	return id, dissolved, err
}

// ClosePast dissolves imported groups that were archived in the other system. Their members keep the history.
func (s *Service) ClosePast(ctx context.Context, id GroupID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		g, err := tx.GroupHead(id)
		if err != nil || g.Dissolved() {
			return err
		}
		return s.dissolve(tx, g)
	})
}

// PastMessage is a message of another system. Its chat and its people are here.
type PastMessage struct {
	External     string
	ID           MessageID // of the same message if it is here already; 0: not known
	Conversation ConversationID
	From         AccountID
	At           time.Time
	Content
	Refer       string // External of the quoted message; empty: none
	System      SystemType
	Report      *Report
	WithdrawnAt time.Time
	WithdrawnBy AccountID // empty: From
	EditedAt    time.Time
	Revisions   []Revision
	Reactions   []GivenReaction // without Message
	Pin         *Pin            // without Message; nil: it is not pinned
}

// MissingPast returns which of the messages no import has noted, and which are not here under their own ids.
func (s *Service) MissingPast(ctx context.Context, source string, messages []PastMessage) (missing []bool, err error) {
	return view(ctx, s, func(tx Tx) ([]bool, error) {
		noted, err := notedMessages(tx, source, messages)
		if err != nil {
			return nil, err
		}
		missing := make([]bool, len(messages))
		for i, m := range messages {
			if noted[externalKey(m.External)] != "" {
				continue
			}
			same, err := isHere(tx, m)
			if err != nil {
				return nil, err
			}
			missing[i] = !same
		}
		return missing, nil
	})
}

func notedMessages(tx Tx, source string, messages []PastMessage) (map[string]string, error) {
	keys := make(map[string]struct{}, len(messages))
	for _, m := range messages {
		keys[externalKey(m.External)] = struct{}{}
		if m.Refer != "" {
			keys[externalKey(m.Refer)] = struct{}{}
		}
	}
	return tx.Imported(source, ImportedMessage, slices.Collect(maps.Keys(keys)))
}

// isHere reports whether a message is one of this server, from which the export was made.
func isHere(tx Tx, m PastMessage) (bool, error) {
	if m.ID == 0 || m.Conversation == 0 {
		return false, nil
	}
	own, err := tx.Message(m.ID)
	if err != nil {
		return false, or(err, nil)
	}
	return own.Conversation == m.Conversation && own.From == m.From && own.Sent().Equal(m.At), nil
}

// ImportMessages stores messages that are not here, in their order, and returns how many it has stored.
// Members that had read the whole chat before have read them, too.
func (s *Service) ImportMessages(ctx context.Context, source string, messages []PastMessage) (int, error) {
	return update(ctx, s, func(tx Tx) (int, error) {
		noted, err := notedMessages(tx, source, messages)
		if err != nil {
			return 0, err
		}
		ends := map[ConversationID]int64{}
		stored := 0
		for _, m := range messages {
			key := externalKey(m.External)
			if noted[key] != "" {
				continue
			}
			if same, err := isHere(tx, m); err != nil || same {
				if err != nil {
					return 0, err
				}
				continue
			}
			if _, ok := ends[m.Conversation]; !ok {
				c, err := tx.Conversation(m.Conversation)
				if err != nil {
					return 0, err
				}
				ends[m.Conversation] = c.LastSeq
			}
			id, err := s.importMessage(tx, m, noted[externalKey(m.Refer)])
			if err != nil {
				return 0, fmt.Errorf("message %s: %w", m.External, err)
			}
			noted[key] = number(int64(id))
			if err := tx.SetImported(source, ImportedMessage, key, noted[key]); err != nil {
				return 0, err
			}
			stored++
		}
		for c, before := range ends {
			if _, err := tx.List(c); err != nil {
				return 0, err
			}
			if err := tx.ReadPast(c, before); err != nil {
				return 0, err
			}
		}
		return stored, nil
	})
}

func (s *Service) importMessage(tx Tx, p PastMessage, refer string) (MessageID, error) {
	m := Message{
		Content: p.Content, Conversation: p.Conversation, From: p.From, System: p.System, Report: p.Report, At: s.past(p.At),
	}
	m.Text = storable(m.Text)
	if n, err := strconv.ParseInt(refer, 10, 64); err == nil {
		quoted, err := tx.Message(MessageID(n))
		if or(err, nil) != nil {
			return 0, err
		}
		if err == nil && quoted.Conversation == p.Conversation {
			m.Refer = quoted.ID
		}
	}
	if p.System == NotSystem {
		if _, err := tx.Membership(p.Conversation, p.From); errors.Is(err, ErrNoRow) {
			if err := tx.AddFormerMember(p.Conversation, p.From, m.At); err != nil {
				return 0, err
			}
		} else if err != nil {
			return 0, err
		}
	}
	if err := tx.AppendPast(&m); err != nil {
		return 0, err
	}
	if p.WithdrawnAt.IsZero() {
		return m.ID, s.importChanges(tx, m, p)
	}
	setDefault(&p.WithdrawnBy, p.From)
	return m.ID, tx.WithdrawMessage(m.ID, p.WithdrawnBy, s.past(p.WithdrawnAt))
}

// importChanges stores the reactions to a message, that it was edited, its former texts, and its pin.
func (s *Service) importChanges(tx Tx, m Message, p PastMessage) error {
	if p.System != NotSystem {
		return nil
	}
	if !p.EditedAt.IsZero() && p.Type == TypeText {
		m.EditedAt = s.past(p.EditedAt)
		if err := tx.ReplaceText(&m); err != nil {
			return err
		}
		former := make([]Revision, len(p.Revisions))
		for i, r := range p.Revisions {
			former[i] = Revision{Text: storable(r.Text), At: s.past(r.At)}
		}
		if err := tx.ReplaceRevisions(m.ID, former); err != nil {
			return err
		}
	}
	different := map[string]bool{}
	for _, r := range p.Reactions {
		if different[r.Emoji] = true; len(different) > MaxReactions {
			break
		}
		if _, err := tx.AddReaction(m.ID, r.Emoji, r.Account, s.past(r.At)); err != nil {
			return err
		}
	}
	return s.importPin(tx, m, p.Pin)
}

// importPin pins a message if the chat does not have as many pinned messages as it can have.
func (s *Service) importPin(tx Tx, m Message, p *Pin) error {
	if p == nil {
		return nil
	}
	n, err := tx.CountPins(m.Conversation)
	if err != nil || n >= s.live().MaxPins {
		return err
	}
	_, err = tx.AddPin(m.Conversation, Pin{m.ID, p.By, s.past(p.At)})
	return err
}

// RecordImport records an import, also one that was interrupted.
func (s *Service) RecordImport(ctx context.Context, details map[string]string) error {
	e := AuditEntry{Kind: AuditDataImported}
	for key, value := range details {
		e = e.with(key, value)
	}
	return s.store.Update(ctx, func(tx Tx) error { return s.record(ctx, tx, e) })
}

// number is a number as a text.
func number(n int64) string { return strconv.FormatInt(n, 10) }
