package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/internal/chat"
)

// A Slack export has users.json, a list of the chats of each kind (channels.json, groups.json, mpims.json,
// dms.json), and a folder for each chat with one file for each day, which is a list of messages.

type slackUser struct {
	ID           string `json:"id"`
	Team         string `json:"team_id"`
	Name         string `json:"name"`
	RealName     string `json:"real_name"`
	Deleted      bool   `json:"deleted"`
	Bot          bool   `json:"is_bot"`
	Restricted   bool   `json:"is_restricted"`
	Ultra        bool   `json:"is_ultra_restricted"`
	TimeZone     string `json:"tz"`
	slackProfile `json:"profile"`
}

type slackProfile struct {
	RealName    string `json:"real_name"`
	DisplayName string `json:"display_name"`
	Email       string `json:"email"`
	Title       string `json:"title"`
	Phone       string `json:"phone"`
	Team        string `json:"team"`
	Custom      bool   `json:"is_custom_image"` // otherwise Slack has drawn the picture
	Original    string `json:"image_original"`
	Image1024   string `json:"image_1024"`
	Image512    string `json:"image_512"`
	Image192    string `json:"image_192"`
}

func (p *slackProfile) name() string { return firstOf(p.RealName, p.DisplayName) }

type slackChat struct {
	ID       string                 `json:"id"`
	Name     string                 `json:"name"`
	Created  int64                  `json:"created"`
	Creator  string                 `json:"creator"`
	Archived bool                   `json:"is_archived"`
	Members  []string               `json:"members"`
	Topic    struct{ Value string } `json:"topic"`
	Purpose  struct{ Value string } `json:"purpose"`
}

type slackMessage struct {
	Type      string        `json:"type"`
	Subtype   string        `json:"subtype"`
	User      string        `json:"user"`
	Bot       string        `json:"bot_id"`
	Username  string        `json:"username"`
	Text      string        `json:"text"`
	Time      string        `json:"ts"`
	Thread    string        `json:"thread_ts"`
	Files     []slackFile   `json:"files"`
	File      *slackFile    `json:"file"` // of old exports
	Comment   *slackComment `json:"comment"`
	Edited    *struct{}     `json:"edited"`
	Reactions []struct {
		Count int `json:"count"`
	} `json:"reactions"`
	Attachments []struct {
		Fallback string `json:"fallback"`
		Title    string `json:"title"`
		Text     string `json:"text"`
	} `json:"attachments"`
	Profile    *slackProfile `json:"user_profile"`
	BotProfile *struct {
		Name string `json:"name"`
	} `json:"bot_profile"`
}

type slackComment struct {
	User    string `json:"user"`
	Comment string `json:"comment"`
}

type slackFile struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Title    string `json:"title"`
	Mode     string `json:"mode"`
	Size     int64  `json:"size"`
	Download string `json:"url_private_download"`
	Private  string `json:"url_private"`
	Link     string `json:"permalink"`
}

// slackDay is the file of a day of a chat.
type slackDay struct{ name, chat string }

// slackReader reads the messages of an export.
type slackReader struct {
	*Archive
	names    map[string]string // of people
	channels map[string]string
	days     map[string][]slackDay // by date
	dates    []string              // in order
	uploads  map[string]string     // files of the folder, by the id of the file or of the person in Slack
	bases    map[string]string     // files of the folder, by their last names
}

func (a *Archive) openSlack(ctx context.Context, progress func(done, total int64)) error {
	a.Format, a.Title = Slack, "Slack"
	var users, more []slackUser
	if err := errors.Join(a.readJSON("users.json", &users), a.readJSON("org_users.json", &more)); err != nil {
		return err
	}
	s := &slackReader{Archive: a, names: map[string]string{}, channels: map[string]string{}, days: map[string][]slackDay{}}
	s.indexUploads()
	team := ""
	for _, u := range append(users, more...) {
		if s.names[u.ID] != "" || u.ID == "" {
			continue
		}
		team = firstOf(team, u.Team, u.slackProfile.Team)
		p := Person{ID: u.ID}
		p.External = u.ID
		p.Account = chat.Account{
			Name: firstOf(u.slackProfile.name(), u.RealName, u.Name, u.ID), Email: u.Email, Active: !u.Deleted && !u.Bot && u.ID != "USLACKBOT", TimeZone: u.TimeZone,
		}
		p.Detail = chat.Detail{Title: u.Title, Phone: u.Phone}
		if u.Restricted || u.Ultra {
			p.Guest = true
		}
		p.Picture = s.face(u)
		s.names[u.ID] = p.Name
		a.People = append(a.People, p)
	}
	a.Source = "slack " + firstOf(team, "export")
	for _, kind := range []struct {
		file string
		kind chat.ConversationKind
		post bool
	}{{"channels.json", chat.KindGroup, true}, {"groups.json", chat.KindGroup, true}, {"mpims.json", chat.KindGroup, false}, {"dms.json", chat.KindDirect, false}} {
		var chats []slackChat
		if err := a.readJSON(kind.file, &chats); err != nil {
			return err
		}
		for _, c := range chats {
			a.Chats = append(a.Chats, s.chat(c, kind.kind, kind.post))
		}
	}
	s.indexDays()
	if err := s.scan(ctx, progress); err != nil {
		return err
	}
	a.messages = s.read
	return nil
}

func (s *slackReader) chat(c slackChat, kind chat.ConversationKind, post bool) Chat {
	out := Chat{
		ID: c.ID, Kind: kind, Name: c.Name, IsPost: post, Creator: c.Creator, Members: unique(c.Members), Archived: c.Archived,
		Announcement: s.text(firstOf(c.Topic.Value, c.Purpose.Value)),
	}
	if c.Created > 0 {
		out.CreatedAt = time.Unix(c.Created, 0).UTC()
	}
	if !post {
		out.Name = ""
	}
	if kind == chat.KindDirect && len(out.Members) == 1 {
		out.Kind = chat.KindSelf
	}
	if post {
		s.channels[c.ID] = c.Name
	}
	for _, folder := range []string{c.Name, c.ID} {
		if folder != "" {
			s.days[folder] = append(s.days[folder], slackDay{chat: c.ID}) // replaced by indexDays
		}
	}
	return out
}

var slackDate = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}\.json$`)

// indexDays finds the files of the days. Until then, days has the chats by their folders.
func (s *slackReader) indexDays() {
	folders := s.days
	s.days = map[string][]slackDay{}
	for _, name := range s.files.names() {
		folder, file, inside := strings.Cut(name, "/")
		if !inside || !slackDate.MatchString(file) {
			continue
		}
		chats := folders[folder]
		if len(chats) == 0 {
			s.leaveOut("files of chats that the export does not list", 1)
			continue
		}
		date := strings.TrimSuffix(file, ".json")
		s.days[date] = append(s.days[date], slackDay{name, chats[0].chat})
	}
	for date := range s.days {
		s.dates = append(s.dates, date)
		slices.SortFunc(s.days[date], func(a, b slackDay) int { return strings.Compare(a.name, b.name) })
	}
	slices.Sort(s.dates)
}

// indexUploads finds files by the ids of Slack in the names of files or folders: F012345, F012345.png,
// F012345-picture.png, F012345/picture.png. Ids of people begin with U or W. It finds them by their last names, too.
func (s *slackReader) indexUploads() {
	s.uploads, s.bases = map[string]string{}, map[string]string{}
	if s.extra == nil {
		return
	}
	for _, name := range s.extra.names() {
		s.bases[path.Base(name)] = name
		for part := range strings.SplitSeq(name, "/") {
			id := part
			if i := strings.IndexAny(part, "-_. "); i >= 0 {
				id = part[:i]
			}
			if len(id) > 1 && strings.IndexByte("FUW", id[0]) >= 0 {
				s.uploads[id] = name
			}
		}
	}
}

// face returns the picture of a person. The export has only addresses. The folder of files may have it under the id of the
// person, or under the last part of an address.
func (s *slackReader) face(u slackUser) *Picture {
	names := []string{s.uploads[u.ID]}
	for _, address := range []string{u.Original, u.Image1024, u.Image512, u.Image192} {
		if parsed, err := url.Parse(address); err == nil && address != "" {
			names = append(names, s.bases[path.Base(parsed.Path)])
		}
	}
	if found := s.picture(names...); found.Open != nil || u.Custom {
		return found
	}
	return nil
}

// scan counts the messages, and adds people that users.json lacks and senders that are not members.
func (s *slackReader) scan(ctx context.Context, progress func(done, total int64)) error {
	chats := map[string]*Chat{}
	senders := map[string]map[string]bool{}
	for i := range s.Chats {
		c := &s.Chats[i]
		chats[c.ID], senders[c.ID] = c, map[string]bool{}
		for _, id := range c.Members {
			senders[c.ID][id] = true
			s.know(id, "")
		}
	}
	for i, date := range s.dates {
		if err := ctx.Err(); err != nil {
			return err
		}
		progress(int64(i), int64(len(s.dates)))
		all, err := s.day(date)
		if err != nil {
			return err
		}
		for _, m := range all {
			if m.skipped() {
				s.leaveOut("notices of Slack ("+m.Subtype+")", 1)
				continue
			}
			s.leaveOut("reactions", m.reactions())
			if m.Edited != nil {
				s.leaveOut("marks that a message was edited (the last text is taken)", 1)
			}
			from := m.sender()
			s.know(from, m.senderName())
			c := chats[m.chat]
			if !senders[c.ID][from] {
				senders[c.ID][from] = true
				if c.Kind == chat.KindGroup {
					c.Former = append(c.Former, from)
				}
			}
			_ = parts(Message{Text: s.text(m.text())}, s.attachments(m.slackMessage), MaxText, func(Message) error { s.Total++; return nil })
		}
	}
	return nil
}

// know adds a person that users.json lacks: a bot, or a person of another workspace.
func (s *slackReader) know(id, name string) {
	if _, known := s.names[id]; known || id == "" {
		return
	}
	name = firstOf(name, id)
	s.names[id] = name
	p := Person{ID: id}
	p.External, p.Account = id, chat.Account{Name: name}
	s.People = append(s.People, p)
}

// dated is a message with its chat.
type dated struct {
	slackMessage
	chat string
}

// day returns the messages of a day of all chats in the order of their times.
func (s *slackReader) day(date string) (all []dated, err error) {
	for _, d := range s.days[date] {
		var messages []slackMessage
		if err := s.readJSON(d.name, &messages); err != nil {
			return nil, err
		}
		for _, m := range messages {
			if _, ok := slackTime(m.Time); !ok {
				return nil, fmt.Errorf("%s: the message with ts %q has no time", d.name, m.Time)
			}
			all = append(all, dated{m, d.chat})
		}
	}
	slices.SortStableFunc(all, func(a, b dated) int {
		x, _ := slackTime(a.Time)
		y, _ := slackTime(b.Time)
		if c := x.Compare(y); c != 0 {
			return c
		}
		return strings.Compare(a.Time, b.Time)
	})
	return all, nil
}

// slackTime reads "1609459200.000200".
func slackTime(ts string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(ts, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || seconds <= 0 || seconds > 1<<40 {
		return time.Time{}, false
	}
	micro, err := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
	if err != nil || micro < 0 {
		return time.Time{}, false
	}
	return time.Unix(seconds, micro*1000).UTC(), true
}

func (s *slackReader) read(ctx context.Context, each func(Message) error) error {
	for _, date := range s.dates {
		if err := ctx.Err(); err != nil {
			return err
		}
		all, err := s.day(date)
		if err != nil {
			return err
		}
		for _, m := range all {
			if m.skipped() {
				continue
			}
			at, _ := slackTime(m.Time)
			one := Message{ID: m.chat + "/" + m.Time, Chat: m.chat, From: m.sender(), At: at.Truncate(time.Millisecond), Text: s.text(m.text())}
			if m.Thread != "" && m.Thread != m.Time {
				one.Refer = m.chat + "/" + m.Thread
			}
			if err := parts(one, s.attachments(m.slackMessage), MaxText, each); err != nil {
				return err
			}
		}
	}
	return nil
}

// slackTaken are the subtypes of messages that people or bots have written.
var slackTaken = []string{"", "file_share", "thread_broadcast", "bot_message", "me_message", "file_comment", "slackbot_response", "document_mention"}

func (m *slackMessage) skipped() bool {
	return m.Type != "" && m.Type != "message" || !slices.Contains(slackTaken, m.Subtype) || m.sender() == "" ||
		m.text() == "" && len(m.Files) == 0 && m.File == nil
}

func (m *slackMessage) sender() string {
	if m.Comment != nil {
		return m.Comment.User
	}
	return firstOf(m.User, m.Bot, m.botName())
}

func (m *slackMessage) botName() string {
	if m.Username != "" {
		return "bot " + m.Username
	}
	return ""
}

func (m *slackMessage) senderName() string {
	name := m.Username
	if m.BotProfile != nil {
		name = firstOf(name, m.BotProfile.Name)
	}
	if m.Profile != nil {
		name = firstOf(m.Profile.name(), name)
	}
	return name
}

// text returns the text of a message. Messages of bots often have only attachments.
func (m *slackMessage) text() string {
	if m.Comment != nil {
		return m.Comment.Comment
	}
	if strings.TrimSpace(m.Text) != "" {
		return m.Text
	}
	var all []string
	for _, a := range m.Attachments {
		text := a.Text
		if a.Title != "" && text != "" {
			text = a.Title + "\n" + text
		}
		if text = firstOf(text, a.Title, a.Fallback); text != "" {
			all = append(all, text)
		}
	}
	return strings.Join(all, "\n")
}

func (m *slackMessage) reactions() (n int) {
	for _, r := range m.Reactions {
		n += max(r.Count, 1)
	}
	return n
}

func (s *slackReader) attachments(m slackMessage) (all []Attachment) {
	found := m.Files
	if len(found) == 0 && m.File != nil {
		found = []slackFile{*m.File}
	}
	for _, f := range found {
		a := Attachment{Name: firstOf(f.Name, f.Title, f.ID, "file"), Size: f.Size, Link: firstOf(f.Link, f.Private, f.Download)}
		if f.Mode == "tombstone" || f.Mode == "hidden_by_limit" {
			a.Link = ""
		}
		if name, ok := s.uploads[f.ID]; ok && f.ID != "" {
			if path.Ext(a.Name) == "" {
				a.Name += path.Ext(name)
			}
			a.Open = func() (io.ReadCloser, error) {
				r, _, err := s.extra.open(name)
				return r, err
			}
		}
		all = append(all, a)
	}
	return all
}

var slackMark = regexp.MustCompile(`<([^<>]*)>`)

// text returns a text without the marks of Slack: <@U1>, <#C1|name>, <!here>, <https://…|label>.
func (s *slackReader) text(text string) string {
	text = slackMark.ReplaceAllStringFunc(text, func(mark string) string {
		inner, label, labelled := strings.Cut(mark[1:len(mark)-1], "|")
		switch {
		case inner == "":
			return mark
		case inner[0] == '@':
			return "@" + firstOf(s.names[inner[1:]], label, inner[1:])
		case inner[0] == '#':
			return "#" + firstOf(label, s.channels[inner[1:]], inner[1:])
		case inner[0] == '!':
			command, _, _ := strings.Cut(inner[1:], "^")
			return firstOf(label, "@"+command)
		case !labelled || label == inner || "mailto:"+label == inner:
			return firstOf(label, inner)
		default:
			return label + " (" + inner + ")"
		}
	})
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func unique(all []string) []string {
	seen := map[string]bool{}
	var once []string
	for _, v := range all {
		if v != "" && !seen[v] {
			seen[v] = true
			once = append(once, v)
		}
	}
	return once
}
