package transfer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"parley/internal/chat"
)

// Format is the format of an export.
type Format string

// The formats.
const (
	Parley     Format = "parley"
	Mattermost Format = "mattermost"
	Slack      Format = "slack"
)

// Person is a person of an archive. ID is that of the other system.
type Person struct {
	ID string
	chat.PastPerson
	Guest         bool
	Organizations map[string]chat.OrganizationRole // of an export of parley
	Picture       *Picture                         // nil: the person has none
}

// Chat is a chat of an archive. Its people are named by their ids in the other system.
type Chat struct {
	ID           string
	Kind         chat.ConversationKind
	Group        chat.GroupID // of an export of parley
	Name         string
	Announcement string
	IsPost       bool
	Creator      string
	Members      []string
	Admins       []string
	Former       []string // have written and are no members
	CreatedAt    time.Time
	Archived     bool
	Banned       bool
	AdminsInvite bool
	Avatar       string   // address of a picture that is neither here nor in the archive
	Picture      *Picture // nil: the group has none
}

// Picture is the picture of a person or a group.
type Picture struct {
	Name string                        // tells pictures of the same system apart
	Open func() (io.ReadCloser, error) // nil: the file is missing
}

// Attachment is a file of a message.
type Attachment struct {
	Name string
	Size int64
	Link string // where the other system has the file; empty: not known
	Open func() (io.ReadCloser, error)
	Meta json.RawMessage // of an export of parley: the file as the message has it
}

// Message is a message of an archive.
type Message struct {
	ID, Chat, From string
	At             time.Time
	Type           chat.MessageType // 0: a text, or the type of the file
	Text           string
	Refer          string
	File           *Attachment
	Card, Location json.RawMessage
	System         chat.SystemType
	Report         *chat.Report
	Own            chat.MessageID // its id on the server of an export of parley
	WithdrawnAt    time.Time
	WithdrawnBy    string
	EditedAt       time.Time
	Revisions      []chat.Revision
	Reactions      []Reaction
	Pin            *Pin // nil: it is not pinned
}

// Pin says that a person has pinned a message.
type Pin struct {
	By string
	At time.Time
}

// Reaction is an emoji that a person has put on a message.
type Reaction struct {
	Emoji, By string
	At        time.Time
}

// Archive is an export that has been opened.
type Archive struct {
	Format        Format
	Source        string // names the other system among all
	Title         string // of the other system, for reports
	Organizations map[string]string
	People        []Person
	Chats         []Chat
	Total         int            // messages
	LeftOut       map[string]int // things that parley does not have, by their kind
	Uploads       []string       // names of further folders in which files of messages are looked up

	files    files
	extra    files // of the option Files; nil: none
	messages func(ctx context.Context, each func(Message) error) error
	cleanup  []func() error
}

// Options say how an archive is read.
type Options struct {
	Files  string // folder with files that are not in the archive; empty: none
	Source string // another name for the other system; empty: as the archive says
}

// Open detects the format of an export and reads its people and chats. progress gets the number of bytes or files that were read.
func Open(ctx context.Context, name string, o Options, progress func(done, total int64)) (_ *Archive, err error) {
	opened, err := openFiles(name)
	if err != nil {
		return nil, err
	}
	a := &Archive{LeftOut: map[string]int{}, files: unwrapped(opened)}
	a.cleanup = append(a.cleanup, opened.close)
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if o.Files != "" {
		if a.extra, err = openFolder(o.Files); err != nil {
			return nil, fmt.Errorf("the folder of files: %w", err)
		}
		a.cleanup = append(a.cleanup, a.extra.close)
	}
	switch lines := a.jsonl(name); {
	case a.isParley():
		err = a.openParley(ctx, progress)
	case has(a.files, "users.json") || has(a.files, "org_users.json"):
		err = a.openSlack(ctx, progress)
	case lines != "":
		err = a.openMattermost(ctx, lines, progress)
	default:
		err = fmt.Errorf("%s is no export of parley (manifest.json), Mattermost (a .jsonl file) or Slack (users.json)", name)
	}
	if err == nil && o.Source != "" {
		a.Source = string(a.Format) + " " + o.Source
	}
	return a, err
}

// Close ends the use of an archive.
func (a *Archive) Close() (err error) {
	for _, c := range slices.Backward(a.cleanup) {
		err = errors.Join(err, c())
	}
	a.cleanup = nil
	return err
}

// Messages calls each for every message in the order of their times.
func (a *Archive) Messages(ctx context.Context, each func(Message) error) error {
	return a.messages(ctx, func(m Message) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return each(m)
	})
}

// OpenFile opens a file of the archive by its name.
func (a *Archive) OpenFile(name string) (io.ReadCloser, error) {
	r, _, err := a.files.open(name)
	return r, err
}

// picture returns the picture with the first of some names that the archive or the folder of further files has. Without any,
// it returns a picture whose file is missing.
func (a *Archive) picture(names ...string) *Picture {
	for _, f := range []files{a.files, a.extra} {
		for _, name := range names {
			if name = cleanEntry(name); f == nil || name == "" {
				continue
			}
			r, _, err := f.open(name)
			if err != nil {
				continue
			}
			_ = r.Close()
			return &Picture{Name: name, Open: func() (io.ReadCloser, error) {
				r, _, err := f.open(name)
				return r, err
			}}
		}
	}
	return &Picture{}
}

func (a *Archive) leaveOut(what string, n int) {
	if n > 0 {
		a.LeftOut[what] += n
	}
}

// jsonl returns the name of the file of a Mattermost export, or nothing.
func (a *Archive) jsonl(name string) string {
	if base := filepath.Base(name); strings.EqualFold(filepath.Ext(base), ".jsonl") {
		return base
	}
	found := ""
	for _, n := range a.files.names() {
		if strings.EqualFold(path.Ext(n), ".jsonl") && !strings.Contains(n, "/") {
			if found != "" {
				return ""
			}
			found = n
		}
	}
	return found
}

// readTogether is how many bytes are read before the progress is shown.
const readTogether = 8 << 20

// maxLine is the maximum size of a line of JSON. No message is longer, and a damaged file must not fill the memory.
const maxLine = 64 << 20

// readJSON reads a file that is one JSON value.
func (a *Archive) readJSON(name string, into any) error {
	r, size, err := a.files.open(name)
	if errors.Is(err, errNoFile) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer r.Close()
	const maxFile = 1 << 30
	if size > maxFile {
		return fmt.Errorf("%s is larger than %d bytes", name, maxFile)
	}
	if err := json.NewDecoder(bufio.NewReader(io.LimitReader(r, maxFile))).Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// lines are the lines of a file, any of which can be read again.
type lines struct {
	name string
	f    *os.File // or a copy of the file of an archive that is packed
	size int64
}

// spool makes the lines of a file of the archive accessible in any order.
func (a *Archive) spool(ctx context.Context, name string, progress func(done, total int64)) (*lines, error) {
	r, size, err := a.files.open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if f, ok := r.(*os.File); ok {
		a.cleanup = append(a.cleanup, f.Close)
		return &lines{name, f, size}, nil
	}
	defer r.Close()
	f, err := os.CreateTemp("", "parley-import-")
	if err != nil {
		return nil, err
	}
	a.cleanup = append(a.cleanup, func() error { return errors.Join(f.Close(), os.Remove(f.Name())) })
	done := int64(0)
	for {
		n, err := io.CopyN(f, r, readTogether)
		done += n
		if err == io.EOF {
			return &lines{name, f, done}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		progress(min(done, size-1), size)
	}
}

// each calls fn with every line and its place.
func (l *lines) each(ctx context.Context, progress func(done, total int64), fn func(line []byte, offset int64) error) error {
	in := bufio.NewReaderSize(io.NewSectionReader(l.f, 0, l.size), 1<<20)
	offset, number := int64(0), 0
	for {
		line, err := readLine(in)
		if len(line) > 0 {
			number++
			if len(strings.TrimSpace(string(line))) > 0 {
				if err := fn(line, offset); err != nil {
					return fmt.Errorf("%s, line %d: %w", l.name, number, err)
				}
			}
			offset += int64(len(line))
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s, line %d: %w", l.name, number+1, err)
		}
		if number%1000 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			progress(min(offset, l.size-1), l.size)
		}
	}
}

func readLine(in *bufio.Reader) (line []byte, err error) {
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if err != bufio.ErrBufferFull {
			return line, err
		}
		if len(line) > maxLine {
			return nil, fmt.Errorf("the line is longer than %d bytes", maxLine)
		}
	}
}

// at reads a line again.
func (l *lines) at(p place) ([]byte, error) {
	line := make([]byte, p.size)
	_, err := l.f.ReadAt(line, p.offset)
	return line, err
}

// place is where a message is. Places are sorted by time, so that the ids that the messages get here rise
// with their times.
type place struct {
	at     int64 // milliseconds
	offset int64
	size   int32
	part   int32 // of the line: 0 the message, from 1 on its replies
	twin   int32 // number of earlier messages with the same chat, sender and time
}

func sortPlaces(all []place) {
	slices.SortFunc(all, func(a, b place) int {
		switch {
		case a.at != b.at:
			return compare(a.at, b.at)
		case a.offset != b.offset:
			return compare(a.offset, b.offset)
		}
		return compare(int64(a.part), int64(b.part))
	})
}

func compare(a, b int64) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

// parts returns a message of another system as messages of parley, which have one file each and texts of a
// limited length.
func parts(m Message, attachments []Attachment, maxText int, each func(Message) error) error {
	texts := splitText(m.Text, maxText)
	n := 0
	next := func(one Message) error {
		if n > 0 {
			one.ID, one.Refer = fmt.Sprintf("%s#%d", m.ID, n), ""
		}
		n++
		return each(one)
	}
	for _, t := range texts {
		one := m
		one.Text = t
		if err := next(one); err != nil {
			return err
		}
	}
	for i := range attachments {
		one := m
		one.Text, one.File = "", &attachments[i]
		if err := next(one); err != nil {
			return err
		}
	}
	return nil
}

// MaxText is the length of the longest text of a message of parley in UTF-16 units, for texts that are split.
const MaxText = 20_000

// splitText cuts a text into texts of at most so many UTF-16 units, at the ends of lines if possible.
func splitText(text string, limit int) (all []string) {
	for strings.TrimSpace(text) != "" {
		cut, units, line := len(text), 0, 0
		for i, r := range text {
			size := 1
			if r > 0xffff {
				size = 2
			}
			if units += size; units > limit {
				cut = i
				if line > cut/2 {
					cut = line
				}
				break
			}
			if r == '\n' {
				line = i + 1
			}
		}
		all, text = append(all, text[:cut]), text[cut:]
	}
	return all
}
