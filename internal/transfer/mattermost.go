package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"parley/internal/chat"
)

// A bulk export of Mattermost is a file of lines, each an object with a type: version, team, channel, user, post,
// direct_channel, direct_post and others. Users are named by their user names, and channels by the
// names of the team and the channel. Posts have no ids: their time and sender tell them apart.

type mattermostLine struct {
	Type          string             `json:"type"`
	Version       int                `json:"version"`
	Team          *mattermostTeam    `json:"team"`
	Channel       *mattermostChannel `json:"channel"`
	User          *mattermostUser    `json:"user"`
	Bot           *mattermostUser    `json:"bot"`
	Post          *mattermostPost    `json:"post"`
	DirectChannel *mattermostDirect  `json:"direct_channel"`
	DirectPost    *mattermostPost    `json:"direct_post"`
}

type mattermostTeam struct {
	Name        string `json:"name"`
	DisplayName string `json:"display_name"`
}

type mattermostChannel struct {
	Team        string `json:"team"`
	Name        string `json:"name"`
	DisplayName string `json:"display_name"`
	Header      string `json:"header"`
	Purpose     string `json:"purpose"`
	DeletedAt   int64  `json:"deleted_at"`
}

type mattermostUser struct {
	Username    string `json:"username"`
	Email       string `json:"email"`
	Nickname    string `json:"nickname"`
	DisplayName string `json:"display_name"` // of a bot
	FirstName   string `json:"first_name"`
	LastName    string `json:"last_name"`
	Position    string `json:"position"`
	Roles       string `json:"roles"`
	Locale      string `json:"locale"`
	DeleteAt    int64  `json:"delete_at"`
	Image       string `json:"profile_image"`
	Teams       []struct {
		Name     string `json:"name"`
		Roles    string `json:"roles"`
		Channels []struct {
			Name  string `json:"name"`
			Roles string `json:"roles"`
		} `json:"channels"`
	} `json:"teams"`
}

type mattermostDirect struct {
	Members      []string `json:"members"`
	Participants []struct {
		Username string `json:"username"`
	} `json:"participants"`
	Header string `json:"header"`
}

type mattermostPost struct {
	Team        string                     `json:"team"`
	Channel     string                     `json:"channel"`
	Members     []string                   `json:"channel_members"`
	User        string                     `json:"user"`
	Type        string                     `json:"type"`
	Message     string                     `json:"message"`
	CreateAt    int64                      `json:"create_at"`
	EditAt      int64                      `json:"edit_at"`
	DeleteAt    int64                      `json:"delete_at"`
	Pinned      bool                       `json:"is_pinned"`
	Reactions   []json.RawMessage          `json:"reactions"`
	Replies     []mattermostPost           `json:"replies"`
	Attachments []struct{ Path string }    `json:"attachments"`
	Props       map[string]json.RawMessage `json:"props"`
}

// mattermostReader reads the messages of an export.
type mattermostReader struct {
	*Archive
	lines  *lines
	places []place
	chats  map[string]int // index of Chats
	people map[string]int
	twins  map[uint64]int32
	parent map[int64]int32            // twin of the post of a line, unless it is 0
	order  map[string]map[string]bool // people in each chat, also senders
	last   int64                      // offset of the line below
	line   *mattermostPost
	direct bool
}

func (a *Archive) openMattermost(ctx context.Context, name string, progress func(done, total int64)) error {
	a.Format, a.Title = Mattermost, "Mattermost"
	l, err := a.spool(ctx, name, progress)
	if err != nil {
		return err
	}
	m := &mattermostReader{
		Archive: a, lines: l, chats: map[string]int{}, people: map[string]int{}, twins: map[uint64]int32{}, parent: map[int64]int32{}, order: map[string]map[string]bool{}, last: -1,
	}
	first := true
	if err := l.each(ctx, progress, func(line []byte, offset int64) error {
		var one mattermostLine
		if err := json.Unmarshal(line, &one); err != nil {
			return err
		}
		if first && one.Type != "version" {
			return errors.New("it is no bulk export of Mattermost: the first line has the type version there")
		}
		if first && one.Version != 1 {
			return fmt.Errorf("the version %d of the format is not known", one.Version)
		}
		first = false
		return m.take(&one, place{offset: offset, size: int32(len(line))})
	}); err != nil {
		return err
	}
	if first {
		return fmt.Errorf("%s is empty", name)
	}
	m.twins = nil
	a.Source = "mattermost " + firstOf(a.Source, "export")
	for i := range a.Chats {
		c := &a.Chats[i]
		if c.Kind == chat.KindGroup && len(c.Members) == 0 {
			c.Members, c.Former = c.Former, nil
		}
	}
	sortPlaces(m.places)
	a.messages = m.read
	return nil
}

func (m *mattermostReader) take(l *mattermostLine, at place) error {
	switch l.Type {
	case "version":
	case "team":
		if l.Team != nil {
			m.Source = firstOf(m.Source, l.Team.Name)
			m.Title = firstOf(l.Team.DisplayName, l.Team.Name)
		}
	case "channel":
		if l.Channel != nil {
			m.channel(l.Channel)
		}
	case "user":
		if l.User != nil {
			m.user(l.User)
		}
	case "bot":
		if l.Bot != nil {
			l.Bot.Nickname, l.Bot.DeleteAt = firstOf(l.Bot.DisplayName, l.Bot.Nickname), 1 // nobody signs in as a bot
			m.user(l.Bot)
		}
	case "direct_channel":
		if l.DirectChannel != nil {
			members := l.DirectChannel.Members
			for _, p := range l.DirectChannel.Participants {
				members = append(members, p.Username)
			}
			m.directChat(members, l.DirectChannel.Header)
		}
	case "post":
		if l.Post != nil {
			return m.post(l.Post, false, at)
		}
	case "direct_post":
		if l.DirectPost != nil {
			return m.post(l.DirectPost, true, at)
		}
	default:
		m.leaveOut("lines of the type "+l.Type, 1)
	}
	return nil
}

func channelKey(team, channel string) string { return strings.ToLower(team + "/" + channel) }

// directKey names a chat by its people.
func directKey(members []string) (string, []string) {
	all := make([]string, len(members))
	for i, name := range members {
		all[i] = strings.ToLower(name)
	}
	slices.Sort(all)
	all = unique(all)
	return "direct " + strings.Join(all, ","), all
}

func (m *mattermostReader) chat(key string) *Chat {
	i, ok := m.chats[key]
	if !ok {
		i = len(m.Chats)
		m.chats[key] = i
		m.Chats = append(m.Chats, Chat{ID: key, Kind: chat.KindGroup, IsPost: true})
		m.order[key] = map[string]bool{}
	}
	return &m.Chats[i]
}

func (m *mattermostReader) channel(c *mattermostChannel) {
	one := m.chat(channelKey(c.Team, c.Name))
	one.Name, one.Announcement, one.Archived = firstOf(c.DisplayName, c.Name), firstOf(c.Header, c.Purpose), c.DeletedAt > 0
}

func (m *mattermostReader) directChat(members []string, header string) *Chat {
	key, all := directKey(members)
	if _, known := m.chats[key]; known {
		return m.chat(key)
	}
	one := m.chat(key)
	one.IsPost, one.Members, one.Announcement = false, all, header
	switch len(all) {
	case 1:
		one.Kind = chat.KindSelf
	case 2:
		one.Kind = chat.KindDirect
	}
	for _, name := range all {
		m.order[key][name] = true
		m.know(name)
	}
	return one
}

// know returns the person with a user name, whom it makes if the export does not have the user.
func (m *mattermostReader) know(name string) *Person {
	name = strings.ToLower(name)
	i, ok := m.people[name]
	if !ok {
		i = len(m.People)
		m.people[name] = i
		p := Person{ID: name}
		p.External, p.Account = name, chat.Account{Name: name}
		m.People = append(m.People, p)
	}
	return &m.People[i]
}

func (m *mattermostReader) user(u *mattermostUser) {
	p := m.know(u.Username)
	p.Account = chat.Account{
		Name: firstOf(strings.TrimSpace(u.FirstName+" "+u.LastName), u.Nickname, u.Username), Email: u.Email, Active: u.DeleteAt == 0,
		Language: strings.ToLower(strings.SplitN(u.Locale, "-", 2)[0]),
	}
	p.Title = u.Position
	if u.Image != "" {
		p.Picture = m.picture(u.Image, path.Join("data", u.Image))
	}
	if hasWord(u.Roles, "system_guest") {
		p.Guest = true
	}
	for _, t := range u.Teams {
		for _, c := range t.Channels {
			key := channelKey(t.Name, c.Name)
			one := m.chat(key)
			if m.order[key][p.ID] {
				one.Former = slices.DeleteFunc(one.Former, func(id string) bool { return id == p.ID })
			}
			m.order[key][p.ID] = true
			one.Members = append(one.Members, p.ID)
			if hasWord(c.Roles, "channel_admin") {
				one.Admins = append(one.Admins, p.ID)
			}
		}
	}
}

func hasWord(words, word string) bool { return slices.Contains(strings.Fields(words), word) }

func (m *mattermostReader) post(p *mattermostPost, direct bool, at place) error {
	var c *Chat
	if direct {
		c = m.directChat(p.Members, "")
	} else {
		c = m.chat(channelKey(p.Team, p.Channel))
		c.Name = firstOf(c.Name, p.Channel)
	}
	key := c.ID
	for part, one := range append([]mattermostPost{*p}, p.Replies...) {
		if m.skip(&one) {
			continue
		}
		if one.CreateAt <= 0 || one.User == "" {
			return errors.New("a post has no create_at or no user")
		}
		from := strings.ToLower(one.User)
		m.know(from)
		if c := &m.Chats[m.chats[key]]; !m.order[key][from] {
			m.order[key][from] = true
			if c.Kind == chat.KindGroup {
				c.Former = append(c.Former, from)
			}
		}
		when := time.UnixMilli(one.CreateAt).UTC()
		if c := &m.Chats[m.chats[key]]; c.CreatedAt.IsZero() || when.Before(c.CreatedAt) {
			c.CreatedAt = when
		}
		hash := fnv.New64a()
		fmt.Fprintf(hash, "%s|%s|%d", key, from, one.CreateAt)
		at.at, at.part, at.twin = one.CreateAt, int32(part), m.twins[hash.Sum64()]
		m.twins[hash.Sum64()]++
		if part == 0 && at.twin > 0 {
			m.parent[at.offset] = at.twin
		}
		m.places = append(m.places, at)
		m.leaveOut("reactions", len(one.Reactions))
		if one.EditAt > 0 {
			m.leaveOut("marks that a message was edited (the last text is taken)", 1)
		}
		if one.Pinned {
			m.leaveOut("marks that a message was pinned", 1)
		}
		_ = parts(Message{Text: one.Message}, m.attachments(&one), MaxText, func(Message) error { m.Total++; return nil })
	}
	return nil
}

// skip leaves out notices, deleted posts and posts without content.
func (m *mattermostReader) skip(p *mattermostPost) bool {
	switch {
	case strings.HasPrefix(p.Type, "system_"):
		m.leaveOut("notices of Mattermost ("+p.Type+")", 1)
	case p.DeleteAt > 0:
		m.leaveOut("deleted posts", 1)
	case strings.TrimSpace(p.Message) == "" && len(p.Attachments) == 0:
		m.leaveOut("posts without a text and a file", 1)
	default:
		return false
	}
	return true
}

func (m *mattermostReader) attachments(p *mattermostPost) (all []Attachment) {
	for _, one := range p.Attachments {
		a := Attachment{Name: path.Base(one.Path)}
		for _, f := range []files{m.files, m.extra} {
			if f == nil {
				continue
			}
			for _, name := range []string{one.Path, path.Join("data", one.Path)} {
				name := cleanEntry(name)
				r, size, err := f.open(name)
				if err != nil || a.Open != nil {
					continue
				}
				_ = r.Close()
				a.Size = size
				a.Open = func() (io.ReadCloser, error) {
					r, _, err := f.open(name)
					return r, err
				}
			}
		}
		all = append(all, a)
	}
	return all
}

func (m *mattermostReader) read(ctx context.Context, each func(Message) error) error {
	for _, at := range m.places {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := m.load(at); err != nil {
			return err
		}
		key := channelKey(m.line.Team, m.line.Channel)
		if m.direct {
			key, _ = directKey(m.line.Members)
		}
		p := m.line
		if at.part > 0 {
			p = &m.line.Replies[at.part-1]
		}
		one := Message{
			ID: postID(key, p, at.twin), Chat: key, From: strings.ToLower(p.User), At: time.UnixMilli(p.CreateAt).UTC(), Text: p.Message,
		}
		if at.part > 0 {
			one.Refer = postID(key, m.line, m.parent[at.offset])
		}
		if err := parts(one, m.attachments(p), MaxText, each); err != nil {
			return err
		}
	}
	return nil
}

func postID(key string, p *mattermostPost, twin int32) string {
	return fmt.Sprintf("%s|%s|%d|%d", key, strings.ToLower(p.User), p.CreateAt, twin)
}

// load reads the line of a place, unless it is the last one: replies often follow each other.
func (m *mattermostReader) load(at place) error {
	if m.last == at.offset {
		return nil
	}
	text, err := m.lines.at(at)
	if err != nil {
		return err
	}
	var l mattermostLine
	if err := json.Unmarshal(text, &l); err != nil {
		return err
	}
	m.line, m.direct = l.Post, false
	if l.DirectPost != nil {
		m.line, m.direct = l.DirectPost, true
	}
	m.last = at.offset
	return nil
}
