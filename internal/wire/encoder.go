package wire

import (
	"strings"
	"time"
	"unicode/utf8"

	"parley/internal/chat"
)

// Encoder turns what chat says into what clients read. It holds the things that
// differ between installations; the zero value speaks English and UTC.
// It is safe for concurrent use as long as nobody changes it.
type Encoder struct {
	Zone     *time.Location // of every time that is written out; nil: UTC
	Language string         // of the few words that are ours: "en" or "zh"

	// FileURL returns the address that is shown of a file, given its key and the
	// address that its sender gave, which may be empty. nil: the sender's is shown.
	// It is asked for each such message that is shown.
	FileURL func(key, sent string) string
}

// TimeLayout is the naive local time of docs/protocol/README.md, "Values".
const TimeLayout = "2006-01-02 15:04:05.000"

// Time writes a time as clients read it. The zero time is "".
func (e *Encoder) Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(e.zone()).Format(TimeLayout)
}

// ParseTime reads what [Encoder.Time] wrote, with or without its fraction.
func (e *Encoder) ParseTime(s string) (time.Time, error) {
	layout := TimeLayout
	if len(s) == len(time.DateTime) {
		layout = time.DateTime
	}
	return time.ParseInLocation(layout, s, e.zone())
}

func (e *Encoder) zone() *time.Location {
	if e.Zone == nil {
		return time.UTC
	}
	return e.Zone
}

func (e *Encoder) say(english, chinese string) string {
	if e.Language == "zh" {
		return chinese
	}
	return english
}

// maxLine is how much of a message stands in a line of the chat list, in bytes.
const maxLine = 600

// line is the message as one line of the chat list: its text, or what it is.
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
