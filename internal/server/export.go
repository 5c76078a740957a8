package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/internal/blob"
	"parley/internal/chat"
	"parley/internal/store"
	"parley/internal/transfer"
)

// exportState is a file with the progress of an export that has not ended.
const exportState = "unfinished.json"

// exportLock is held by the process that exports.
const exportLock = "export.lock"

// exportSync is the number of pages of messages between two writes of the state.
const exportSync = 20

// exportProgress is the state of an export. Lines beyond Sizes are cut off and written again when the export continues.
type exportProgress struct {
	transfer.Manifest
	Conversation chat.ConversationID `json:"conversation"` // the current or the last exported conversation
	Seq          int64               `json:"seq"`          // up to here
	Ended        bool                `json:"ended"`        // the conversation is complete
	Sizes        map[string]int64    `json:"sizes"`
}

// exporting is an export under way.
type exporting struct {
	data     *Data
	folder   string
	scope    chat.ExportScope
	others   bool
	progress Progress

	chats, allChats int64 // how many are exported, and how many there are
	files           transferFiles
	out             *transfer.Writer
	state           exportProgress
	people          map[chat.AccountID]bool
	names           []string
}

// Exported is a complete export.
type Exported struct {
	transfer.Manifest
	Path string
}

// Export writes an export into a folder, which is made if it is missing. An export that was interrupted goes on if it is
// called again with the same arguments. With others, the export of a person has all messages that the person can read.
func (d *Data) Export(ctx context.Context, scope chat.ExportScope, others bool, folder string, progress Progress) (_ Exported, err error) {
	x := &exporting{data: d, folder: folder, scope: scope, others: others, progress: progress, people: map[chat.AccountID]bool{}}
	x.names = []string{transfer.OrganizationsName, transfer.PeopleName, transfer.ChatsName, transfer.MessagesName, transfer.FilesName}
	if scope.Account != "" {
		x.names = append(x.names, transfer.AccountName)
	}
	conversations, err := x.conversations(ctx)
	if err != nil {
		return Exported{}, err
	}
	release, err := x.prepare(ctx)
	if err != nil {
		return Exported{}, err
	}
	defer func() { err = errors.Join(err, release()) }()
	if x.files, err = d.transferFiles(); err != nil {
		return Exported{}, err
	}
	if x.out, err = transfer.NewWriter(folder, x.state.Sizes, x.names...); err != nil {
		return Exported{}, err
	}
	defer func() { err = errors.Join(err, x.out.Close()) }()
	if err := x.run(ctx, conversations); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return Exported{}, err
	}
	if err := x.finish(ctx); err != nil {
		return Exported{}, err
	}
	return Exported{x.state.Manifest, folder}, d.Chat.RecordExport(ctx, scope, x.state.Counts.Messages, x.state.Began)
}

// conversations lists the chats of the export.
func (x *exporting) conversations(ctx context.Context) (all []chat.ConversationID, err error) {
	for after := chat.ConversationID(0); ; {
		page, err := x.data.Chat.ExportedConversations(ctx, x.scope, after)
		if err != nil || len(page) == 0 {
			return all, err
		}
		all = append(all, page...)
		after = page[len(page)-1]
	}
}

// prepare makes or reopens the folder and holds it.
func (x *exporting) prepare(ctx context.Context) (_ func() error, err error) {
	if err := os.MkdirAll(x.folder, 0o700); err != nil {
		return nil, fmt.Errorf("the folder of the export cannot be made: %w", cause(err))
	}
	entries, err := os.ReadDir(x.folder)
	if err != nil {
		return nil, err
	}
	lock := filepath.Join(x.folder, exportLock)
	release, held, err := store.Hold(lock)
	if err != nil {
		return nil, err
	}
	if !held {
		return nil, fmt.Errorf("another export writes to %s", x.folder)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, release())
		}
	}()
	wanted := transfer.Scope{Organization: string(x.scope.Organization), Account: string(x.scope.Account), Group: string(x.scope.Group), Others: x.others}
	if x.scope.Direct[0] != "" {
		wanted.Direct = []string{string(x.scope.Direct[0]), string(x.scope.Direct[1])}
	}
	server, err := x.data.Chat.ServerID(ctx)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(x.folder, exportState))
	switch {
	case err == nil:
		if err := json.Unmarshal(text, &x.state); err != nil {
			return nil, fmt.Errorf("%s: %w", exportState, err)
		}
		if !sameScope(x.state.Scope, wanted) || x.state.Server != server {
			return nil, fmt.Errorf("the folder %s has another export that has not ended; use another folder, or delete this one", x.folder)
		}
		return release, x.knowPeople()
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	case slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() != exportLock }):
		return nil, fmt.Errorf("the folder %s is not empty; an export needs a new one", x.folder)
	}
	if err := os.Chmod(x.folder, 0o700); err != nil {
		return nil, err
	}
	last, err := x.data.Chat.LastMessage(ctx)
	if err != nil {
		return nil, err
	}
	x.state = exportProgress{Ended: true, Sizes: map[string]int64{}, Manifest: transfer.Manifest{
		Program: Version(), Server: server, Name: x.data.config.Name, Scope: wanted, Began: time.Now().UTC().Truncate(time.Millisecond), LastMessage: int64(last),
	}.Valid()}
	if err := x.data.Chat.RecordExportBegins(ctx, x.scope); err != nil {
		return nil, err
	}
	return release, x.note()
}

func sameScope(a, b transfer.Scope) bool {
	x, _ := json.Marshal(a) // texts: it cannot fail
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

// knowPeople reads the ids of the people that the file already has.
func (x *exporting) knowPeople() error {
	f, err := os.Open(filepath.Join(x.folder, transfer.PeopleName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	in := json.NewDecoder(io.LimitReader(f, x.state.Sizes[transfer.PeopleName]))
	for {
		var p struct {
			ID chat.AccountID `json:"id"`
		}
		if err := in.Decode(&p); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("%s: %w", transfer.PeopleName, err)
		}
		x.people[p.ID] = true
	}
}

// note stores the state.
func (x *exporting) note() (err error) {
	if x.out != nil {
		if x.state.Sizes, err = x.out.Sync(); err != nil {
			return err
		}
	}
	text, err := json.Marshal(x.state)
	if err != nil {
		return err
	}
	return replaceFile(x.folder, exportState, text)
}

// replaceFile writes a file beside its place and renames it.
func replaceFile(folder, name string, text []byte) error {
	beside := filepath.Join(folder, "."+name+".new")
	if err := os.Remove(beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := writeSynced(beside, text); err != nil {
		return err
	}
	if err := os.Rename(beside, filepath.Join(folder, name)); err != nil {
		return err
	}
	return syncFolder(folder)
}

func (x *exporting) run(ctx context.Context, conversations []chat.ConversationID) error {
	total := int64(len(conversations))
	for i, c := range conversations {
		x.chats, x.allChats = int64(i), total
		if c < x.state.Conversation || c == x.state.Conversation && x.state.Ended {
			continue
		}
		if err := x.chat(ctx, c); err != nil {
			return err
		}
	}
	x.progress("chats", 1, 1)
	return nil
}

// chat exports a chat, or goes on with it.
func (x *exporting) chat(ctx context.Context, id chat.ConversationID) error {
	c, err := x.data.Chat.ExportedChat(ctx, id)
	if err != nil {
		return err
	}
	if x.state.Conversation != id {
		if err := x.chatLine(ctx, c); err != nil {
			return err
		}
		x.state.Conversation, x.state.Seq, x.state.Ended = id, 0, false
		x.state.Counts.Chats++
	}
	upTo := int64(0) // 0: the end
	if x.scope.Account != "" {
		i := slices.IndexFunc(c.Members, func(m chat.Membership) bool { return m.Account == x.scope.Account })
		if i >= 0 && c.Members[i].Left() {
			if upTo = c.Members[i].LeftSeq; upTo == 0 {
				upTo = -1 // the person can read nothing, but may have written
			}
		}
	}
	for page := 1; ; page++ {
		x.tell(c.LastSeq)
		messages, err := x.data.Chat.ExportedMessages(ctx, id, x.state.Seq, chat.MessageID(x.state.LastMessage), x.scope.Account)
		if err != nil {
			return err
		}
		for _, m := range messages {
			if err := ctx.Err(); err != nil {
				return err
			}
			if x.takes(&m, upTo) {
				if err := x.message(ctx, m); err != nil {
					return err
				}
			}
			x.state.Seq = m.Seq
		}
		if x.state.Ended = len(messages) == 0; x.state.Ended || page%exportSync == 0 {
			if err := x.note(); err != nil {
				return err
			}
		}
		if x.state.Ended {
			return nil
		}
	}
}

// tell says how much is exported. A chat counts by the share of its messages.
func (x *exporting) tell(last int64) {
	const parts = 1000
	done := int64(0)
	if last > 0 {
		done = min(parts*x.state.Seq/last, parts-1)
	}
	x.progress("chats", parts*x.chats+done, parts*x.allChats)
}

// takes reports whether the export has the message. That of a person has the messages that the person has written or that
// mention or name the person, and with others all messages that the person can read.
func (x *exporting) takes(m *chat.ExportedMessage, upTo int64) bool {
	if x.scope.Account == "" || m.From == x.scope.Account {
		return true
	}
	if upTo != 0 && m.Seq > upTo {
		return false
	}
	named := slices.Contains(m.Mentions, x.scope.Account) ||
		m.Report != nil && slices.ContainsFunc(m.Report.Users, func(n chat.ReportName) bool { return n.ID == x.scope.Account })
	return x.others || named
}

func (x *exporting) chatLine(ctx context.Context, c chat.ExportedChat) error {
	l := transfer.ChatLine{Type: "chat", ID: number(int64(c.ID)), Kind: transfer.KindName(c.Kind)}
	var people []chat.AccountID
	for _, m := range c.Members {
		people = append(people, m.Account)
		l.Members = append(l.Members, transfer.MemberLine{ID: string(m.Account), Admin: m.Role == chat.RoleAdmin, JoinedAt: m.JoinedAt, LeftAt: timeOrNil(m.LeftAt)})
	}
	if g := c.Group; g != nil {
		people = append(people, g.Creator)
		l.Group = &transfer.GroupLine{
			ID: string(g.ID), Name: g.Name, Avatar: g.Avatar, Announcement: g.Announcement, IsPost: g.IsPost, Creator: string(g.Creator),
			Banned: g.Banned, MembersInvite: g.MembersInvite, CreatedAt: g.CreatedAt, DissolvedAt: timeOrNil(g.DissolvedAt),
		}
		sum, err := x.avatar(g.Avatar)
		if err != nil {
			return err
		}
		l.Group.AvatarFile = sum
	}
	if err := x.person(ctx, people...); err != nil {
		return err
	}
	return x.out.Add(transfer.ChatsName, l)
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// person adds people whom the export does not have.
func (x *exporting) person(ctx context.Context, ids ...chat.AccountID) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(a chat.AccountID) bool { return a == "" || x.people[a] })
	for piece := range slices.Chunk(ids, 200) {
		people, err := x.data.Chat.ExportedPeople(ctx, piece)
		if err != nil {
			return err
		}
		for _, p := range people {
			if x.people[p.ID] {
				continue
			}
			l, err := x.personLine(ctx, p)
			if err != nil {
				return err
			}
			if err := x.out.Add(transfer.PeopleName, l); err != nil {
				return err
			}
			x.people[p.ID] = true
			x.state.Counts.People++
		}
	}
	return nil
}

func (x *exporting) personLine(ctx context.Context, p chat.ExportedPerson) (transfer.PersonLine, error) {
	l := transfer.PersonLine{Type: "person", ID: string(p.ID), Name: p.Name, Active: p.Active, Bot: p.Bot}
	if x.scope.Account != "" && x.scope.Account != p.ID {
		return l, nil // somebody else's data
	}
	l.Email, l.Avatar, l.Title, l.Department, l.Phone = p.Email, p.Avatar, p.Title, p.Department, p.Phone
	l.Language, l.TimeZone, l.HidesReading, l.HidesActivity, l.CreatedAt = p.Language, p.TimeZone, p.HidesReading, p.HidesActivity, timeOrNil(p.CreatedAt)
	for _, o := range slices.Sorted(maps.Keys(p.Roles)) {
		l.Organizations = append(l.Organizations, transfer.RoleLine{ID: string(o), Role: string(p.Roles[o])})
	}
	if !p.Kept.IsZero() {
		l.Status = &transfer.StatusLine{Emoji: p.Kept.Emoji, Text: p.Kept.Text, Quiet: p.Kept.Quiet, EndsAt: timeOrNil(p.Kept.Ends)}
	}
	l.SeenAt = timeOrNil(p.Kept.SeenAt)
	var err error
	l.AvatarFile, err = x.avatar(p.Avatar)
	return l, err
}

// avatar copies a picture that this server keeps, and returns its sum.
func (x *exporting) avatar(address string) (string, error) {
	_, name, found := strings.Cut(address, "/avatars/")
	if !found || filepath.Base(name) != name || len(name) < 3 {
		return "", nil
	}
	f, err := os.Open(filepath.Join(x.data.config.Data, "avatars", name[:2], name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum, content, err := x.keep(f)
	if err != nil {
		return "", err
	}
	x.state.Counts.Files++
	x.state.Counts.Bytes += content.Size
	return sum, x.out.Add(transfer.FilesName, transfer.FileLine{Type: "file", Key: "avatars/" + name, SHA256: sum, Size: content.Size, Mime: content.Type})
}

func (x *exporting) message(ctx context.Context, m chat.ExportedMessage) error {
	l := transfer.MessageLine{
		Type: "message", ID: int64(m.ID), Chat: number(int64(m.Conversation)), From: string(m.From), At: m.At, SentAt: timeOrNil(m.SentAt),
		System: int(m.System), Report: m.Report, Kind: int(m.Type), Text: m.Text, File: m.File, Card: m.Card, Location: m.Location, Refer: int64(m.Refer),
		WithdrawnAt: timeOrNil(m.WithdrawnAt), WithdrawnBy: string(m.WithdrawnBy), EditedAt: timeOrNil(m.EditedAt),
	}
	for _, r := range m.Revisions {
		l.Revisions = append(l.Revisions, transfer.RevisionLine(r))
	}
	people := []chat.AccountID{m.From, m.WithdrawnBy}
	for _, r := range m.Reactions {
		l.Reactions = append(l.Reactions, transfer.ReactionLine{Emoji: r.Emoji, By: string(r.Account), At: r.At})
		people = append(people, r.Account)
	}
	if p := m.Pin; p != nil {
		l.Pin = &transfer.PinLine{By: string(p.By), At: p.At}
		people = append(people, p.By)
	}
	for _, a := range m.Mentions {
		l.Mentions = append(l.Mentions, string(a))
	}
	if err := x.person(ctx, people...); err != nil {
		return err
	}
	if key := ownKey(m.File); key != "" {
		sum, err := x.file(ctx, key)
		if err != nil {
			return fmt.Errorf("message %d, file %s: %w", m.ID, key, err)
		}
		l.Content = sum
	}
	x.state.Counts.Messages++
	return x.out.Add(transfer.MessagesName, l)
}

// file copies the file of a key, and returns its sum; nothing for a file that does not exist.
func (x *exporting) file(ctx context.Context, key string) (string, error) {
	r, o, err := x.files.open(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		x.state.Counts.MissingFiles++
		return "", x.out.Add(transfer.FilesName, transfer.FileLine{Type: "file", Key: key, Missing: true})
	}
	if err != nil {
		return "", err
	}
	defer r.Close()
	sum, content, err := x.keep(interrupted{ctx, r})
	if err != nil {
		return "", err
	}
	x.state.Counts.Files++
	x.state.Counts.Bytes += content.Size
	return sum, x.out.Add(transfer.FilesName, transfer.FileLine{Type: "file", Key: key, SHA256: sum, Size: content.Size, Name: o.Name, Mime: content.Type})
}

// keep copies a file to its place under its sum. The same content is kept once.
func (x *exporting) keep(r io.Reader) (sum string, content blob.Object, err error) {
	folder := filepath.Join(x.folder, transfer.FilesFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", content, err
	}
	f, err := os.CreateTemp(folder, ".new-") // with the mode 0600
	if err != nil {
		return "", content, err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	digest := sha256.New()
	content, err = blob.Copy(io.MultiWriter(f, digest), r)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", content, err
	}
	sum = hex.EncodeToString(digest.Sum(nil))
	at := filepath.Join(x.folder, filepath.FromSlash(transfer.FilePath(sum)))
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		return "", content, err
	}
	return sum, content, os.Rename(f.Name(), at)
}

// finish writes the data that belongs to no chat, and then the manifest.
func (x *exporting) finish(ctx context.Context) error {
	if err := x.organization(ctx); err != nil {
		return err
	}
	if x.scope.Account != "" {
		if err := x.person(ctx, x.scope.Account); err != nil {
			return err
		}
		if err := x.account(ctx); err != nil {
			return err
		}
	}
	sizes, err := x.out.Sync()
	if err != nil {
		return err
	}
	x.progress("checksums", 0, 1)
	for _, name := range slices.Sorted(maps.Keys(sizes)) {
		sum, err := sumFile(ctx, filepath.Join(x.folder, name))
		if err != nil {
			return err
		}
		x.state.Files = append(x.state.Files, transfer.ManifestSum{Name: name, Size: sum.Size, SHA256: sum.SHA256})
	}
	if left, err := filepath.Glob(filepath.Join(x.folder, transfer.FilesFolder, ".new-*")); err == nil {
		for _, name := range left { // of an interruption
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	text, err := json.MarshalIndent(x.state.Manifest, "", "  ")
	if err != nil {
		return err
	}
	if err := replaceFile(x.folder, transfer.ManifestName, append(text, '\n')); err != nil {
		return err
	}
	x.progress("checksums", 1, 1)
	return os.Remove(filepath.Join(x.folder, exportState))
}

// organization adds the organization with all of its members, also those without a chat.
func (x *exporting) organization(ctx context.Context) error {
	id := x.scope.Organization
	if id == "" {
		return nil
	}
	o, err := x.data.Chat.ExportedOrganization(ctx, id)
	if err != nil {
		return err
	}
	for after := chat.AccountID(""); ; {
		page, err := x.data.Chat.OrganizationPage(ctx, id, after)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		if err := x.person(ctx, page...); err != nil {
			return err
		}
		after = page[len(page)-1]
	}
	return x.out.Add(transfer.OrganizationsName, transfer.OrganizationLine{Type: "organization", ID: string(o.ID), Name: o.Name})
}

// line is an object with a type.
func line(kind string, pairs ...any) map[string]any {
	l := map[string]any{"type": kind}
	for i := 0; i+1 < len(pairs); i += 2 {
		if t, ok := pairs[i+1].(time.Time); ok && t.IsZero() || pairs[i+1] == "" {
			continue
		}
		l[pairs[i].(string)] = pairs[i+1]
	}
	return l
}

// account writes the data about the person that belongs to no chat.
func (x *exporting) account(ctx context.Context) error {
	p, err := x.data.Chat.AboutPerson(ctx, x.scope.Account)
	if err != nil {
		return err
	}
	var all []map[string]any
	all = append(all, line("account", "id", p.ID, "password", p.Password, "twoFactor", p.TwoFactor))
	for _, s := range p.Sessions {
		all = append(all, line("session", "id", s.Session, "app", s.App, "label", s.Label, "createdAt", s.CreatedAt, "expiresAt", s.ExpiresAt, "revokedAt", s.RevokedAt, "lastSeenAt", s.SeenAt))
	}
	for _, i := range p.Identities {
		all = append(all, line("identity", "issuer", i.Issuer, "subject", i.Subject, "linkedAt", i.LinkedAt))
	}
	for _, f := range p.Friends {
		all = append(all, line("friend", "id", f))
	}
	for _, r := range p.FriendRequests {
		all = append(all, line("friendRequest", "from", r.From, "to", r.To, "message", r.Message, "at", r.At, "answeredAt", r.AnsweredAt))
	}
	for _, u := range p.Unsent {
		l := line("draft", "chatType", u.Ref.Type, "chat", u.Ref.ID, "text", u.Text, "at", u.At)
		if u.Refer != 0 {
			l["refer"] = u.Refer
		}
		all = append(all, l)
	}
	if err := x.person(ctx, p.Friends...); err != nil {
		return err
	}
	if err := x.add(all); err != nil {
		return err
	}
	for _, inbox := range p.Inboxes {
		for before := int64(0); ; {
			page, err := x.data.Chat.ExportedNotifications(ctx, p.ID, inbox.Category, before)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				break
			}
			for _, n := range page {
				if err := x.out.Add(transfer.AccountName, line("notification", "category", n.Category, "kind", n.Type, "text", n.Text, "name", n.Name, "url", n.URL, "entityId", n.EntityID, "at", n.At)); err != nil {
					return err
				}
			}
			before = page[len(page)-1].Seq
		}
	}
	if err := x.reactions(ctx); err != nil {
		return err
	}
	return x.audit(ctx)
}

// reactions writes the reactions of the person. Those to the messages of the export are at the messages, too.
func (x *exporting) reactions(ctx context.Context) error {
	for after := chat.MessageID(0); ; {
		page, err := x.data.Chat.ExportedReactions(ctx, x.scope.Account, after)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, r := range page {
			after = r.Message
			if err := x.out.Add(transfer.AccountName, line("reaction", "message", int64(r.Message), "emoji", r.Emoji, "at", r.At)); err != nil {
				return err
			}
		}
	}
}

func (x *exporting) add(all []map[string]any) error {
	for _, l := range all {
		if err := x.out.Add(transfer.AccountName, l); err != nil {
			return err
		}
	}
	return nil
}

// audit writes the entries of the audit log that the person has made, and those about the person.
func (x *exporting) audit(ctx context.Context) error {
	for _, by := range []bool{true, false} {
		for before := chat.AuditID(0); ; {
			page, err := x.data.Chat.ExportedAudit(ctx, x.scope.Account, by, before)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				break
			}
			for _, e := range page {
				before = e.ID
				own := e.Actor == x.scope.Account
				if !by && own {
					continue // already written in the first pass
				}
				l := line("audit", "at", e.At, "kind", string(e.Kind), "actor", string(e.Actor), "target", e.Target, "targetType", string(e.TargetType))
				if own { // session, address and agent of somebody else are not exported
					l = line("audit", "at", e.At, "kind", string(e.Kind), "actor", string(e.Actor), "target", e.Target, "targetType", string(e.TargetType),
						"session", string(e.Session), "address", e.Address, "agent", e.Agent)
				}
				if len(e.Detail) > 0 {
					l["detail"] = e.Detail
				}
				if err := x.out.Add(transfer.AccountName, l); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
