package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"parley/internal/chat"
	"parley/internal/emoji"
	"parley/internal/transfer"
)

// ImportOptions say how an archive is imported.
type ImportOptions struct {
	DryRun       bool
	Files        string              // folder with files that the archive lacks
	Organization chat.OrganizationID // that new people join; empty: the main one, or those of an export of parley
	Source       string              // another name for the other system
}

// ImportReport describes the changes of an import or, with DryRun, those that it would make.
type ImportReport struct {
	Format, Source, Title          string
	DryRun                         bool
	People, Chats, Messages, Files ImportTally
	Pictures                       ImportTally // of people and groups; Skipped: the file is missing or no picture
	Lines                          []ImportLine
	LeftOut                        map[string]int // things that parley does not have, by their kind
	Skipped                        map[string]int // messages, by the reason
}

// ImportTally counts things by outcome. For files, Matched counts links, and Skipped missing files.
type ImportTally struct{ Made, Matched, Skipped int }

func (t *ImportTally) add(a chat.PastAction) {
	switch a {
	case chat.PastCreate:
		t.Made++
	case chat.PastMatch:
		t.Matched++
	default:
		t.Skipped++
	}
}

// ImportLine describes the result for a person or a chat.
type ImportLine struct {
	Kind, Name, External string
	chat.PastResult
}

// Changed reports whether the import has made anything.
func (r *ImportReport) Changed() bool { return r.People.Made+r.Chats.Made+r.Messages.Made > 0 }

// importing is an import under way.
type importing struct {
	*transfer.Archive
	data     *Data
	opts     ImportOptions
	progress Progress
	report   ImportReport
	files    transferFiles
	pictures *importedPictures // nil: the archive has none, or nothing is made
	people   map[string]importedPerson
	chats    map[string]importedChat
	waiting  []transfer.Message
	done     int64
}

type importedPerson struct {
	id  chat.AccountID // empty: will be made
	why string         // the reason for which the person is skipped
}

type importedChat struct {
	id  chat.ConversationID // 0: will be made
	why string
}

// importTogether is how many messages are imported at a time.
const importTogether = 200

// Import imports an export of parley, Mattermost or Slack. An import can be repeated, and goes on where an
// interrupted one has ended: nothing is made twice.
func (d *Data) Import(ctx context.Context, name string, o ImportOptions, progress Progress) (ImportReport, error) {
	progress("read", 0, 1)
	a, err := transfer.Open(ctx, name, transfer.Options{Files: o.Files, Source: o.Source}, func(done, total int64) { progress("read", done, max(total, done+1)) })
	if err != nil {
		return ImportReport{}, err
	}
	progress("read", 1, 1)
	i := &importing{Archive: a, data: d, opts: o, progress: progress, people: map[string]importedPerson{}, chats: map[string]importedChat{}}
	i.report = ImportReport{
		Format: string(a.Format), Source: a.Source, Title: a.Title, DryRun: o.DryRun, LeftOut: a.LeftOut, Skipped: map[string]int{},
	}
	err = i.run(ctx)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if !o.DryRun {
		note, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
		defer cancel()
		err = errors.Join(err, d.Chat.RecordImport(note, i.details(err)))
	}
	return i.report, errors.Join(err, a.Close())
}

// details returns the details of the entry in the audit log.
func (i *importing) details(err error) map[string]string {
	r := &i.report
	state := "complete"
	if err != nil {
		state = "not complete"
	}
	return map[string]string{
		"format": r.Format, "source": r.Source, "state": state, "people": strconv.Itoa(r.People.Made), "chats": strconv.Itoa(r.Chats.Made),
		"messages": strconv.Itoa(r.Messages.Made), "files": strconv.Itoa(r.Files.Made),
	}
}

func (i *importing) run(ctx context.Context) (err error) {
	if i.files, err = i.data.transferFiles(); err != nil && !i.opts.DryRun {
		return err
	}
	if !i.opts.DryRun && i.hasPictures() {
		if err := i.openPictures(); err != nil {
			return err
		}
	}
	for _, step := range []func(context.Context) error{i.importPeople, i.importChats, i.importMessages, i.closeChats} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (i *importing) hasPictures() bool {
	return slices.ContainsFunc(i.People, func(p transfer.Person) bool { return p.Picture != nil && p.Picture.Open != nil }) ||
		slices.ContainsFunc(i.Chats, func(c transfer.Chat) bool { return c.Picture != nil && c.Picture.Open != nil })
}

func (i *importing) importPeople(ctx context.Context) error {
	into, made, err := i.organizations(ctx)
	if err != nil {
		return err
	}
	past := make([]chat.PastPerson, len(i.People))
	for n, p := range i.People {
		past[n] = p.PastPerson
		past[n].Roles = map[chat.OrganizationID]chat.OrganizationRole{}
		for _, o := range into {
			role := chat.OrganizationMember
			if p.Guest {
				role = chat.OrganizationGuest
			}
			if i.opts.Organization == "" && len(i.Organizations) > 0 {
				own, in := p.Organizations[string(o)]
				if !in {
					continue
				}
				// People keep their roles only in organizations that the import creates.
				if role = chat.OrganizationMember; own == chat.OrganizationGuest || made[o] {
					role = own
				}
			}
			past[n].Roles[o] = role
		}
	}
	total := int64(max(len(past), 1))
	i.progress("people", 0, total)
	if err := i.picturesOfPeople(ctx, past); err != nil {
		return err
	}
	results, err := i.data.Chat.ImportPast(ctx, i.Source, past, !i.opts.DryRun, func(done int) { i.progress("people", min(int64(done), total-1), total) })
	if err != nil {
		return err
	}
	for n, r := range results {
		p := i.People[n]
		i.report.People.add(r.Action)
		i.report.Lines = append(i.report.Lines, ImportLine{"person", p.Name, p.ID, r})
		one := importedPerson{id: chat.AccountID(r.Own)}
		if r.Action == chat.PastSkip {
			one.why = "the sender is skipped: " + r.Why
		}
		i.people[p.ID] = one
	}
	i.progress("people", total, total)
	return nil
}

// organizations returns the organizations that new people join, and which of them the import has made.
func (i *importing) organizations(ctx context.Context) (into []chat.OrganizationID, made map[chat.OrganizationID]bool, err error) {
	made = map[chat.OrganizationID]bool{}
	if i.opts.Organization != "" {
		if _, err := i.data.Chat.ExportedOrganization(ctx, i.opts.Organization); err != nil {
			return nil, nil, fmt.Errorf("organization %s: %w", i.opts.Organization, err)
		}
		return []chat.OrganizationID{i.opts.Organization}, made, nil
	}
	if len(i.Organizations) == 0 {
		a, err := i.data.Chat.AdminAccess(ctx, chat.Actor{})
		if err == nil && a.Organization.ID == "" {
			err = errors.New("there is no organization that people could join: make one with parley org create, or name one with --organization")
		}
		return []chat.OrganizationID{a.Organization.ID}, made, err
	}
	for _, id := range slices.Sorted(maps.Keys(i.Organizations)) {
		o := chat.OrganizationID(id)
		into = append(into, o)
		_, err := i.data.Chat.ExportedOrganization(ctx, o)
		if errors.Is(err, chat.ErrNotFound) {
			made[o] = true
			if !i.opts.DryRun {
				_, err = i.data.Chat.CreateOrganization(ctx, chat.Organization{ID: o, Name: i.Organizations[id]})
			} else {
				err = nil
			}
			i.report.Lines = append(i.report.Lines, ImportLine{"organization", i.Organizations[id], id, chat.PastResult{Action: chat.PastCreate}})
		}
		if err != nil {
			return nil, nil, fmt.Errorf("organization %s: %w", id, err)
		}
	}
	return into, made, nil
}

// accounts returns the accounts of people, without people who are skipped.
func (i *importing) accounts(ids []string) []chat.AccountID {
	var all []chat.AccountID
	for _, id := range ids {
		if p, ok := i.people[id]; ok && p.why == "" {
			all = append(all, p.id)
		}
	}
	return all
}

func (i *importing) importChats(ctx context.Context) error {
	past := make([]chat.PastChat, len(i.Chats))
	for n, c := range i.Chats {
		one := chat.PastChat{
			External: c.ID, Kind: c.Kind, ID: c.Group, Name: c.Name, Avatar: c.Avatar, Announcement: c.Announcement, IsPost: c.IsPost,
			Members: i.accounts(c.Members), Admins: i.accounts(c.Admins), Former: i.accounts(c.Former),
			CreatedAt: c.CreatedAt, Banned: c.Banned, AdminsInvite: c.AdminsInvite,
		}
		if p, ok := i.people[c.Creator]; ok && p.why == "" {
			one.Creator = p.id
		}
		if c.Kind == chat.KindDirect && len(one.Members) == 1 { // the other one is skipped
			one.Members = nil
		}
		past[n] = one
	}
	total := int64(max(len(past), 1))
	i.progress("chats", 0, total)
	if err := i.picturesOfChats(ctx, past); err != nil {
		return err
	}
	results, err := i.data.Chat.ImportChats(ctx, i.Source, past, !i.opts.DryRun, func(done int) { i.progress("chats", min(int64(done), total-1), total) })
	if err != nil {
		return err
	}
	for n, r := range results {
		c := i.Chats[n]
		i.report.Chats.add(r.Action)
		i.report.Lines = append(i.report.Lines, ImportLine{"chat", i.chatName(c), c.ID, r})
		one := importedChat{}
		switch {
		case r.Action == chat.PastSkip:
			one.why = "the chat is skipped: " + r.Why
		case r.Own != "":
			if one.id, _, err = i.data.Chat.PastConversation(ctx, c.Kind, r.Own); err != nil {
				return err
			}
		}
		i.chats[c.ID] = one
	}
	i.progress("chats", total, total)
	return nil
}

// chatName names a chat for the report.
func (i *importing) chatName(c transfer.Chat) string {
	if c.Name != "" {
		return c.Name
	}
	var names []string
	for _, id := range c.Members[:min(len(c.Members), 5)] {
		n := slices.IndexFunc(i.People, func(p transfer.Person) bool { return p.ID == id })
		if n >= 0 {
			names = append(names, i.People[n].Name)
		}
	}
	if len(c.Members) > len(names) {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

func (i *importing) importMessages(ctx context.Context) error {
	total := int64(max(i.Total, 1))
	i.progress("messages", 0, total)
	err := i.Messages(ctx, func(m transfer.Message) error {
		if i.waiting = append(i.waiting, m); len(i.waiting) < importTogether {
			return nil
		}
		return i.flush(ctx)
	})
	if err == nil {
		err = i.flush(ctx)
	}
	if err == nil {
		i.progress("messages", total, total)
	}
	return err
}

// flush imports the messages that wait.
func (i *importing) flush(ctx context.Context) error {
	taken, past := i.resolve()
	missing, err := i.data.Chat.MissingPast(ctx, i.Source, past)
	if err != nil {
		return err
	}
	var fresh []chat.PastMessage
	for n := range past {
		if !missing[n] {
			i.report.Messages.Matched++
			continue
		}
		i.report.Messages.Made++
		if err := i.complete(ctx, &past[n], &taken[n]); err != nil {
			return fmt.Errorf("message %s: %w", past[n].External, err)
		}
		fresh = append(fresh, past[n])
	}
	if len(fresh) > 0 && !i.opts.DryRun {
		stored, err := i.data.Chat.ImportMessages(ctx, i.Source, fresh)
		if err != nil {
			i.report.Messages.Made -= len(fresh)
			return err
		}
		if stored != len(fresh) {
			return fmt.Errorf("%d of %d messages were stored: another import of the same export runs", stored, len(fresh))
		}
	}
	i.done += int64(len(i.waiting))
	i.waiting = i.waiting[:0]
	i.progress("messages", min(i.done, int64(i.Total)-1), max(int64(i.Total), 1))
	return nil
}

// resolve finds the chats and senders of the messages that wait.
func (i *importing) resolve() (taken []transfer.Message, past []chat.PastMessage) {
	for _, m := range i.waiting {
		c, known := i.chats[m.Chat]
		from, sender := i.people[m.From]
		why := ""
		switch {
		case !known:
			why = "the export does not have the chat"
		case !sender:
			why = "the export does not have the sender"
		case c.why != "":
			why = c.why
		case from.why != "":
			why = from.why
		}
		if why != "" {
			i.report.Messages.Skipped++
			i.report.Skipped[why]++
			continue
		}
		p := chat.PastMessage{
			External: m.ID, ID: m.Own, Conversation: c.id, From: from.id, At: m.At, Refer: m.Refer, System: m.System, WithdrawnAt: m.WithdrawnAt,
			Content: chat.Content{Type: m.Type, Text: m.Text, Card: m.Card, Location: m.Location}, Report: i.mapReport(m.Report),
		}
		if p.Type == 0 {
			p.Type = chat.TypeText
		}
		if by, ok := i.people[m.WithdrawnBy]; ok {
			p.WithdrawnBy = by.id
		}
		p.EditedAt, p.Revisions = m.EditedAt, m.Revisions
		for _, r := range m.Reactions {
			form, known := emoji.Normal(r.Emoji)
			if by, there := i.people[r.By]; known && there && by.why == "" && by.id != "" {
				p.Reactions = append(p.Reactions, chat.GivenReaction{Emoji: form, Account: by.id, At: r.At})
			}
		}
		if m.Pin != nil {
			if by, there := i.people[m.Pin.By]; there && by.why == "" && by.id != "" {
				p.Pin = &chat.Pin{By: by.id, At: m.Pin.At}
			}
		}
		taken, past = append(taken, m), append(past, p)
	}
	return taken, past
}

// mapReport replaces the ids in the report of a system message.
func (i *importing) mapReport(r *chat.Report) *chat.Report {
	if r == nil {
		return nil
	}
	own := func(n chat.ReportName) chat.ReportName {
		if p, ok := i.people[string(n.ID)]; ok && p.id != "" {
			n.ID = p.id
		}
		return n
	}
	mapped := *r
	mapped.Message = 0 // the message may have another id here
	mapped.By = own(r.By)
	mapped.Users = nil
	for _, u := range r.Users {
		mapped.Users = append(mapped.Users, own(u))
	}
	return &mapped
}

// complete stores the file of a message. A file that is missing becomes a text with its name and, if it is known, its link.
func (i *importing) complete(ctx context.Context, p *chat.PastMessage, m *transfer.Message) (err error) {
	a := m.File
	switch {
	case a == nil:
		return nil
	case a.Open != nil:
		i.report.Files.Made++
		if i.opts.DryRun {
			return nil
		}
		p.Type, p.File, err = i.files.storeImported(ctx, i.Source, p.From, m)
		return err
	case a.Meta != nil && a.Link != "" && isElsewhere(a.Meta): // a file that was never on the other server
		p.File = a.Meta
		i.report.Files.Matched++
		return nil
	}
	name := a.Name
	if name == "" {
		name = "file"
	}
	p.Type = chat.TypeText
	switch {
	case a.Link != "" && chat.IsSafeAddress(a.Link):
		i.report.Files.Matched++
		name += " (" + a.Link + ")"
	default:
		i.report.Files.Skipped++
		name = "[" + name + "]"
	}
	if p.Text != "" {
		name = p.Text + "\n" + name
	}
	p.Text = name
	return nil
}

// isElsewhere reports whether a file has an address and no key.
func isElsewhere(meta json.RawMessage) bool {
	var f struct {
		Key string `json:"key"`
	}
	return json.Unmarshal(meta, &f) == nil && f.Key == ""
}

// closeChats dissolves the groups that were archived.
func (i *importing) closeChats(ctx context.Context) error {
	for n, l := range i.linesOfChats() {
		if c := i.Chats[n]; c.Archived && c.Kind == chat.KindGroup && l.Own != "" && l.Why != chat.WhySameID {
			if err := i.data.Chat.ClosePast(ctx, chat.GroupID(l.Own)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (i *importing) linesOfChats() []ImportLine {
	return slices.DeleteFunc(slices.Clone(i.report.Lines), func(l ImportLine) bool { return l.Kind != "chat" })
}
