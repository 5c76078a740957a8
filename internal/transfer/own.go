package transfer

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"parley/internal/chat"
)

// The layout of an export of parley; docs/export.md describes it.
const (
	ManifestName      = "manifest.json"
	OrganizationsName = "organizations.jsonl"
	PeopleName        = "people.jsonl"
	ChatsName         = "chats.jsonl"
	MessagesName      = "messages.jsonl"
	FilesName         = "files.jsonl"
	AccountName       = "account.jsonl" // only in the export of a person
	FilesFolder       = "files"

	manifestFormat  = "parley-export"
	manifestVersion = 1
)

// FilePath is the place of a file with a SHA-256 in hex, with slashes.
func FilePath(sum string) string { return FilesFolder + "/" + sum[:2] + "/" + sum }

// Manifest describes an export. It is written last: an export without it is not complete.
type Manifest struct {
	Format      string        `json:"format"`
	Version     int           `json:"version"`
	Program     string        `json:"program"`
	Server      string        `json:"server"`
	Name        string        `json:"name"`
	Scope       Scope         `json:"scope"`
	Began       time.Time     `json:"began"`
	LastMessage int64         `json:"lastMessage"`
	Counts      Counts        `json:"counts"`
	Files       []ManifestSum `json:"files"`
}

// Scope says which data an export has.
type Scope struct {
	Organization string   `json:"organization,omitempty"`
	Account      string   `json:"account,omitempty"`
	Group        string   `json:"group,omitempty"`
	Direct       []string `json:"direct,omitempty"`
	Others       bool     `json:"others,omitempty"` // with the messages of others, in the export of a person
}

// Counts are the numbers of an export.
type Counts struct {
	People       int64 `json:"people"`
	Chats        int64 `json:"chats"`
	Messages     int64 `json:"messages"`
	Files        int64 `json:"files"`
	Bytes        int64 `json:"bytes"` // of the files
	MissingFiles int64 `json:"missingFiles"`
}

// ManifestSum identifies a file of an export.
type ManifestSum struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Valid sets the fields that are the same in every manifest.
func (m Manifest) Valid() Manifest {
	m.Format, m.Version = manifestFormat, manifestVersion
	return m
}

// The lines. Each has its type.
type (
	// OrganizationLine is an organization.
	OrganizationLine struct {
		Type string `json:"type"`
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	// PersonLine is a person. In the export of a person, others have only an id and a name.
	PersonLine struct {
		Type          string     `json:"type"`
		ID            string     `json:"id"`
		Name          string     `json:"name"`
		Email         string     `json:"email,omitempty"`
		Avatar        string     `json:"avatar,omitempty"`
		AvatarFile    string     `json:"avatarFile,omitempty"`
		Title         string     `json:"title,omitempty"`
		Department    string     `json:"department,omitempty"`
		Phone         string     `json:"phone,omitempty"`
		Language      string     `json:"language,omitempty"`
		TimeZone      string     `json:"timeZone,omitempty"`
		Active        bool       `json:"active"`
		Bot           bool       `json:"bot,omitempty"`
		HidesReading  bool       `json:"hidesReading,omitempty"`
		HidesActivity bool       `json:"hidesActivity,omitempty"`
		CreatedAt     *time.Time `json:"createdAt,omitempty"`
		Organizations []RoleLine `json:"organizations,omitempty"`

		Status *StatusLine `json:"status,omitempty"` // not imported
		SeenAt *time.Time  `json:"seenAt,omitempty"` // not imported
	}
	// StatusLine is what a person says about itself.
	StatusLine struct {
		Emoji  string     `json:"emoji,omitempty"`
		Text   string     `json:"text,omitempty"`
		Quiet  bool       `json:"quiet,omitempty"`
		EndsAt *time.Time `json:"endsAt,omitempty"`
	}
	// RoleLine is the place of a person in an organization.
	RoleLine struct {
		ID   string `json:"id"`
		Role string `json:"role"`
	}
	// ChatLine is a chat.
	ChatLine struct {
		Type    string       `json:"type"`
		ID      string       `json:"id"`
		Kind    string       `json:"kind"` // group, direct, self
		Group   *GroupLine   `json:"group,omitempty"`
		Members []MemberLine `json:"members"`
	}
	// GroupLine has the further fields of a group.
	GroupLine struct {
		ID            string     `json:"id"`
		Name          string     `json:"name"`
		Avatar        string     `json:"avatar,omitempty"`
		AvatarFile    string     `json:"avatarFile,omitempty"`
		Announcement  string     `json:"announcement,omitempty"`
		IsPost        bool       `json:"isPost"`
		Creator       string     `json:"creator"`
		Banned        bool       `json:"banned,omitempty"`
		MembersInvite bool       `json:"membersInvite"`
		CreatedAt     time.Time  `json:"createdAt"`
		DissolvedAt   *time.Time `json:"dissolvedAt,omitempty"`
	}
	// MemberLine is a member of a chat.
	MemberLine struct {
		ID       string     `json:"id"`
		Admin    bool       `json:"admin,omitempty"`
		JoinedAt time.Time  `json:"joinedAt"`
		LeftAt   *time.Time `json:"leftAt,omitempty"`
	}
	// MessageLine is a message.
	MessageLine struct {
		Type        string          `json:"type"`
		ID          int64           `json:"id"`
		Chat        string          `json:"chat"`
		From        string          `json:"from"`
		At          time.Time       `json:"at"`
		SentAt      *time.Time      `json:"sentAt,omitempty"`
		System      int             `json:"system,omitempty"`
		Report      *chat.Report    `json:"report,omitempty"`
		Kind        int             `json:"kind"` // the numbers of the protocol
		Text        string          `json:"text,omitempty"`
		File        json.RawMessage `json:"file,omitempty"`
		Content     string          `json:"content,omitempty"` // SHA-256 of the file
		Card        json.RawMessage `json:"card,omitempty"`
		Location    json.RawMessage `json:"location,omitempty"`
		Refer       int64           `json:"refer,omitempty"`
		Mentions    []string        `json:"mentions,omitempty"`
		WithdrawnAt *time.Time      `json:"withdrawnAt,omitempty"`
		WithdrawnBy string          `json:"withdrawnBy,omitempty"`
		EditedAt    *time.Time      `json:"editedAt,omitempty"`
		Revisions   []RevisionLine  `json:"revisions,omitempty"`
		Reactions   []ReactionLine  `json:"reactions,omitempty"`
		Pin         *PinLine        `json:"pin,omitempty"`
	}
	// RevisionLine is a former text of a message.
	RevisionLine struct {
		Text string    `json:"text"`
		At   time.Time `json:"at"`
	}
	// ReactionLine is a reaction to a message.
	ReactionLine struct {
		Emoji string    `json:"emoji"`
		By    string    `json:"by"`
		At    time.Time `json:"at"`
	}
	// PinLine says that a message is pinned.
	PinLine struct {
		By string    `json:"by"`
		At time.Time `json:"at"`
	}
	// FileLine is a file.
	FileLine struct {
		Type    string `json:"type"`
		Key     string `json:"key"`
		SHA256  string `json:"sha256,omitempty"`
		Size    int64  `json:"size"`
		Name    string `json:"name,omitempty"`
		Mime    string `json:"mime,omitempty"`
		Missing bool   `json:"missing,omitempty"`
	}
)

// Kinds of chats.
const (
	kindGroup  = "group"
	kindDirect = "direct"
	kindSelf   = "self"
)

// KindName is the name of a kind of chat.
func KindName(k chat.ConversationKind) string {
	switch k {
	case chat.KindGroup:
		return kindGroup
	case chat.KindSelf:
		return kindSelf
	}
	return kindDirect
}

func (a *Archive) isParley() bool {
	r, _, err := a.files.open(ManifestName)
	if err != nil {
		return false
	}
	defer r.Close()
	var m struct {
		Format string `json:"format"`
	}
	const maxManifest = 16 << 20
	return json.NewDecoder(io.LimitReader(r, maxManifest)).Decode(&m) == nil && m.Format == manifestFormat
}

// ownReader reads the messages of an export of parley.
type ownReader struct {
	*Archive
	lines  *lines
	places []place
}

func (a *Archive) openParley(ctx context.Context, progress func(done, total int64)) error {
	var m Manifest
	if err := a.readJSON(ManifestName, &m); err != nil {
		return err
	}
	if m.Version > manifestVersion {
		return fmt.Errorf("the export has the version %d; this program reads versions up to %d", m.Version, manifestVersion)
	}
	a.Format, a.Source, a.Title, a.Organizations = Parley, "parley "+m.Server, m.Name, map[string]string{}
	if err := a.checkSums(ctx, m, progress); err != nil {
		return err
	}
	if err := a.ownLines(ctx, OrganizationsName, func(line []byte) error {
		var o OrganizationLine
		err := json.Unmarshal(line, &o)
		a.Organizations[o.ID] = o.Name
		return err
	}); err != nil {
		return err
	}
	if err := a.ownLines(ctx, PeopleName, a.ownPerson); err != nil {
		return err
	}
	if err := a.ownLines(ctx, ChatsName, a.ownChat); err != nil {
		return err
	}
	l, err := a.spool(ctx, MessagesName, progress)
	if err != nil {
		return err
	}
	r := &ownReader{Archive: a, lines: l}
	if err := l.each(ctx, progress, func(line []byte, offset int64) error {
		var m struct {
			At time.Time `json:"at"`
		}
		err := json.Unmarshal(line, &m)
		r.places = append(r.places, place{at: m.At.UnixMilli(), offset: offset, size: int32(len(line))})
		return err
	}); err != nil {
		return err
	}
	sortPlaces(r.places)
	a.Total, a.messages = len(r.places), r.read
	return nil
}

// checkSums refuses an export of which a file was changed or is not complete.
func (a *Archive) checkSums(ctx context.Context, m Manifest, progress func(done, total int64)) error {
	done, total := int64(0), int64(0)
	for _, f := range m.Files {
		total += f.Size
	}
	for _, f := range m.Files {
		got, err := a.sum(ctx, f.Name, func(read int64) {
			done += read
			progress(min(done, total-1), total)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		if got != f.SHA256 {
			return fmt.Errorf("%s is damaged or was changed: its SHA-256 is %s, and the manifest says %s", f.Name, got, f.SHA256)
		}
	}
	return nil
}

// sum returns the SHA-256 of a file of the archive in hex. told gets the number of bytes that were read since the last call.
func (a *Archive) sum(ctx context.Context, name string, told func(read int64)) (string, error) {
	r, _, err := a.files.open(name)
	if err != nil {
		return "", err
	}
	defer r.Close()
	digest := sha256.New()
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n, err := io.CopyN(digest, r, readTogether)
		told(n)
		if err == io.EOF {
			return hex.EncodeToString(digest.Sum(nil)), nil
		}
		if err != nil {
			return "", err
		}
	}
}

func (a *Archive) ownLines(ctx context.Context, name string, each func(line []byte) error) error {
	r, size, err := a.files.open(name)
	if errors.Is(err, errNoFile) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer r.Close()
	in := bufio.NewReaderSize(io.LimitReader(r, size), 1<<20)
	for n := 1; ; n++ {
		line, err := readLine(in)
		if len(bytes.TrimSpace(line)) > 0 {
			if err := each(line); err != nil {
				return fmt.Errorf("%s, line %d: %w", name, n, err)
			}
		}
		if err == io.EOF {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("%s, line %d: %w", name, n, err)
		}
	}
}

func (a *Archive) ownPerson(line []byte) error {
	var l PersonLine
	if err := json.Unmarshal(line, &l); err != nil {
		return err
	}
	p := Person{ID: l.ID, Organizations: map[string]chat.OrganizationRole{}}
	p.External = l.ID
	p.Account = chat.Account{
		ID: chat.AccountID(l.ID), Name: l.Name, Avatar: elsewhere(l.Avatar), Email: l.Email, Active: l.Active, Bot: l.Bot, Language: l.Language, TimeZone: l.TimeZone, CreatedAt: timeOf(l.CreatedAt), HidesReading: l.HidesReading, HidesActivity: l.HidesActivity,
	}
	p.Detail = chat.Detail{Title: l.Title, Department: l.Department, Phone: l.Phone}
	for _, o := range l.Organizations {
		p.Organizations[o.ID] = chat.OrganizationRole(o.Role)
	}
	if isSum(l.AvatarFile) {
		p.Picture = a.picture(FilePath(l.AvatarFile))
	}
	a.People = append(a.People, p)
	return nil
}

// elsewhere returns the address of a picture unless the other server had it, whose addresses end with it.
func elsewhere(address string) string {
	if strings.Contains(address, "/avatars/") {
		return ""
	}
	return address
}

func isSum(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func (a *Archive) ownChat(line []byte) error {
	var l ChatLine
	if err := json.Unmarshal(line, &l); err != nil {
		return err
	}
	c := Chat{ID: l.ID}
	switch l.Kind {
	case kindGroup:
		c.Kind = chat.KindGroup
	case kindDirect:
		c.Kind = chat.KindDirect
	case kindSelf:
		c.Kind = chat.KindSelf
	default:
		return fmt.Errorf("the kind %q of the chat %s is not known", l.Kind, l.ID)
	}
	if g := l.Group; g != nil {
		c.Group, c.Name, c.Announcement, c.IsPost, c.Creator = chat.GroupID(g.ID), g.Name, g.Announcement, g.IsPost, g.Creator
		c.Banned, c.AdminsInvite, c.CreatedAt, c.Archived = g.Banned, !g.MembersInvite, g.CreatedAt, g.DissolvedAt != nil
		c.Avatar = elsewhere(g.Avatar)
		if isSum(g.AvatarFile) {
			c.Picture = a.picture(FilePath(g.AvatarFile))
		}
	}
	for _, m := range l.Members {
		left := m.LeftAt != nil
		if left && c.Archived && m.LeftAt.Equal(timeOf(l.Group.DissolvedAt)) {
			left = false // the end of the group ended the membership
		}
		switch {
		case left:
			c.Former = append(c.Former, m.ID)
		default:
			c.Members = append(c.Members, m.ID)
		}
		if m.Admin {
			c.Admins = append(c.Admins, m.ID)
		}
		if c.CreatedAt.IsZero() || m.JoinedAt.Before(c.CreatedAt) {
			c.CreatedAt = m.JoinedAt
		}
	}
	a.Chats = append(a.Chats, c)
	return nil
}

func (r *ownReader) read(ctx context.Context, each func(Message) error) error {
	for _, at := range r.places {
		if err := ctx.Err(); err != nil {
			return err
		}
		text, err := r.lines.at(at)
		if err != nil {
			return err
		}
		var l MessageLine
		if err := json.Unmarshal(text, &l); err != nil {
			return err
		}
		if err := each(r.message(l)); err != nil {
			return err
		}
	}
	return nil
}

func (r *ownReader) message(l MessageLine) Message {
	m := Message{
		ID: strconv.FormatInt(l.ID, 10), Own: chat.MessageID(l.ID), Chat: l.Chat, From: l.From, At: l.At, Type: chat.MessageType(l.Kind), Text: l.Text,
		Card: l.Card, Location: l.Location, System: chat.SystemType(l.System), Report: l.Report, WithdrawnAt: timeOf(l.WithdrawnAt), WithdrawnBy: l.WithdrawnBy,
	}
	if l.SentAt != nil {
		m.At = *l.SentAt
	}
	m.EditedAt = timeOf(l.EditedAt)
	for _, r := range l.Revisions {
		m.Revisions = append(m.Revisions, chat.Revision(r))
	}
	for _, r := range l.Reactions {
		m.Reactions = append(m.Reactions, Reaction(r))
	}
	if l.Pin != nil {
		m.Pin = &Pin{By: l.Pin.By, At: l.Pin.At}
	}
	if l.Refer > 0 {
		m.Refer = strconv.FormatInt(l.Refer, 10)
	}
	if l.File == nil {
		return m
	}
	m.File = &Attachment{Meta: l.File}
	var named struct {
		Name string `json:"name"`
		Size int64  `json:"size"`
		URL  string `json:"url"`
	}
	_ = json.Unmarshal(l.File, &named)
	m.File.Name, m.File.Size, m.File.Link = named.Name, named.Size, named.URL
	if isSum(l.Content) {
		name := FilePath(l.Content)
		m.File.Open = func() (io.ReadCloser, error) {
			f, _, err := r.files.open(name)
			return f, err
		}
	}
	return m
}

// Writer writes the lines of an export into a folder that nobody else can read.
type Writer struct {
	folder string
	files  map[string]*os.File
	out    map[string]*bufio.Writer
	sizes  map[string]int64
}

// NewWriter goes on with the files of a folder, whose sizes are those of the last [Writer.Sync]; missing ones are new.
func NewWriter(folder string, sizes map[string]int64, names ...string) (*Writer, error) {
	w := &Writer{folder: folder, files: map[string]*os.File{}, out: map[string]*bufio.Writer{}, sizes: map[string]int64{}}
	for _, name := range names {
		f, err := os.OpenFile(filepath.Join(folder, name), os.O_RDWR|os.O_CREATE, 0o600)
		if err == nil {
			err = f.Truncate(sizes[name])
		}
		if err == nil {
			_, err = f.Seek(0, io.SeekEnd)
		}
		if err != nil {
			return nil, errors.Join(err, w.Close())
		}
		w.files[name], w.out[name], w.sizes[name] = f, bufio.NewWriterSize(f, 256<<10), sizes[name]
	}
	return w, nil
}

// Add writes a line.
func (w *Writer) Add(name string, line any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(line); err != nil {
		return err
	}
	n, err := w.out[name].Write(b.Bytes())
	w.sizes[name] += int64(n)
	return err
}

// Sync puts all lines on the disk and returns the sizes of the files.
func (w *Writer) Sync() (map[string]int64, error) {
	sizes := map[string]int64{}
	for name, out := range w.out {
		if err := errors.Join(out.Flush(), w.files[name].Sync()); err != nil {
			return nil, err
		}
		sizes[name] = w.sizes[name]
	}
	return sizes, nil
}

// Close closes the files.
func (w *Writer) Close() (err error) {
	for _, f := range w.files {
		err = errors.Join(err, f.Close())
	}
	return err
}
