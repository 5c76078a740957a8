package wire

import (
	"strings"
	"time"
	"unicode/utf8"

	"parley/internal/chat"
)

// Encoder converts values of package chat into the structs that clients read. Its fields
// are the settings of an installation; the zero value uses English and UTC. It is safe for
// concurrent use while it is not changed.
type Encoder struct {
	Zone     *time.Location // of all times in the form of TimeLayout; nil: UTC
	Language string         // of the texts of the server: "en" or "zh"

	// Locale returns Zone and Language where they can change. nil: they do not. It is called each
	// time something is encoded.
	Locale func() (zone *time.Location, language string)

	// FileURL returns the address of a file for readers. Its arguments are the key and the
	// address from the sender, which may be empty. It is called each time such a message is
	// encoded. nil: readers get the address from the sender.
	FileURL func(key, sent string) string
}

// TimeLayout is the naive local time of docs/protocol/README.md, "Values".
const TimeLayout = "2006-01-02 15:04:05.000"

// Time returns a time in the form of [TimeLayout]. The zero time is "".
func (e *Encoder) Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(e.zone()).Format(TimeLayout)
}

// ParseTime parses a result of [Encoder.Time], with or without its fraction.
func (e *Encoder) ParseTime(s string) (time.Time, error) {
	layout := TimeLayout
	if len(s) == len(time.DateTime) {
		layout = time.DateTime
	}
	return time.ParseInLocation(layout, s, e.zone())
}

func (e *Encoder) zone() *time.Location {
	zone := e.Zone
	if e.Locale != nil {
		zone, _ = e.Locale()
	}
	if zone == nil {
		return time.UTC
	}
	return zone
}

func (e *Encoder) language() string {
	if e.Locale != nil {
		_, language := e.Locale()
		return language
	}
	return e.Language
}

// Offset returns how far the zone is ahead of UTC at the time.
func (e *Encoder) Offset(t time.Time) time.Duration {
	_, seconds := t.In(e.zone()).Zone()
	return time.Duration(seconds) * time.Second
}

func (e *Encoder) say(english, chinese string) string {
	if e.language() == "zh" {
		return chinese
	}
	return english
}

// maxLine is the maximum size of a message's line in the chat list, in bytes.
const maxLine = 600

// line is the message as one line of the chat list: its text, or the name of its type.
func (e *Encoder) line(p *chat.Posted) string {
	m := &p.Message
	switch {
	case m.Withdrawn():
		return e.notice(p)
	case m.Text != "":
		return cut(m.Text, maxLine)
	}
	switch m.Type {
	case chat.TypeImage:
		return e.say("[Image]", "[图片]")
	case chat.TypeVoice:
		return e.say("[Voice]", "[语音]")
	case chat.TypeFile:
		return e.say("[File]", "[文件]")
	case chat.TypeCard:
		return e.say("[Card]", "[卡片]")
	case chat.TypeLocation:
		return e.say("[Location]", "[位置]")
	case chat.TypeVideo:
		return e.say("[Video]", "[视频]")
	}
	return ""
}

// cut shortens s to at most n bytes without breaking a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n])
}
