package webhook

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// slack is the format of incoming webhooks of Slack.
type slack struct{}

var slackCodes = [...]string{
	noWebhook: "no_service", badSignature: "invalid_token", tooMany: "rate_limited", invalid: "invalid_payload",
	busy: "server_error", fault: "server_error",
}

func (slack) done() *answer { return inWords("ok") }

func (slack) refuse(why reason, words string) *answer { return inWords(slackCodes[why] + ": " + words) }

func inWords(words string) *answer {
	return &answer{Status: http.StatusOK, Type: "text/plain; charset=utf-8", Body: []byte(words)}
}

func (slack) signed(string, []byte, *request, time.Time) error {
	return &signatureError{"this webhook takes signed messages only, and the format of Slack has no signature"}
}

type slackMessage struct {
	Text        string           `json:"text"`
	LinkNames   flexible         `json:"link_names"`
	Markdown    *bool            `json:"mrkdwn"`
	Blocks      []slackBlock     `json:"blocks"`
	Attachments slackAttachments `json:"attachments"`
	Files       json.RawMessage  `json:"files"`
}

type slackAttachment struct {
	Fallback   string       `json:"fallback"`
	Pretext    string       `json:"pretext"`
	Author     string       `json:"author_name"`
	AuthorLink string       `json:"author_link"`
	Title      string       `json:"title"`
	TitleLink  string       `json:"title_link"`
	Text       string       `json:"text"`
	Fields     []slackField `json:"fields"`
	Image      string       `json:"image_url"`
	Thumb      string       `json:"thumb_url"`
	Footer     string       `json:"footer"`
	Time       flexible     `json:"ts"`
	Actions    []slackPart  `json:"actions"`
	Blocks     []slackBlock `json:"blocks"`
}

// slackAttachments may be JSON in a string, as some programs send them in a form.
type slackAttachments []slackAttachment

func (a *slackAttachments) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(inText(b), (*[]slackAttachment)(a))
}

type slackField struct {
	Title string   `json:"title"`
	Value flexible `json:"value"`
}

// slackBlock is a layout block.
type slackBlock struct {
	Type      string       `json:"type"`
	Text      slackWords   `json:"text"`
	Fields    []slackWords `json:"fields"`
	Accessory *slackPart   `json:"accessory"`
	Elements  []slackPart  `json:"elements"`
	ImageURL  string       `json:"image_url"`
	AltText   string       `json:"alt_text"`
	Title     slackWords   `json:"title"`
	TitleURL  string       `json:"title_url"`
	VideoURL  string       `json:"video_url"`
	About     slackWords   `json:"description"`
}

// slackWords is a text object, or a string in its place.
type slackWords struct {
	Type string
	Text string
}

func (w *slackWords) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		w.Type = "mrkdwn"
		return json.Unmarshal(b, &w.Text)
	}
	var object struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	err := json.Unmarshal(b, &object)
	w.Type, w.Text = object.Type, object.Text
	return err
}

// slackPart is an element of a block: of a row of buttons, of a context, or of rich text.
type slackPart struct {
	Type      string          `json:"type"`
	Text      slackWords      `json:"text"`
	URL       string          `json:"url"`
	ImageURL  string          `json:"image_url"`
	AltText   string          `json:"alt_text"`
	Elements  []slackPart     `json:"elements"`
	Style     json.RawMessage `json:"style"` // of a list: a string
	Indent    int             `json:"indent"`
	UserID    string          `json:"user_id"`
	GroupID   string          `json:"usergroup_id"`
	ChannelID string          `json:"channel_id"`
	Name      string          `json:"name"`  // of an emoji
	Range     string          `json:"range"` // of a broadcast
	Value     string          `json:"value"` // of a color
	Fallback  string          `json:"fallback"`
	Time      int64           `json:"timestamp"`
}

func (slack) parse(body []byte) (*message, error) {
	var in slackMessage
	if err := decode("the body", body, &in); err != nil {
		return nil, err
	}
	if len(in.Files) > 0 && string(in.Files) != "[]" && string(in.Files) != "null" {
		return nil, cannot("files", "files of Slack cannot be shown")
	}
	var out text
	// With blocks, the text is only for places that do not show blocks.
	if len(in.Blocks) == 0 {
		slackText(&out, in.Text, in.Markdown == nil || *in.Markdown, in.LinkNames.isTrue())
	} else if err := slackBlocks(&out, "blocks", in.Blocks); err != nil {
		return nil, err
	}
	for i := range in.Attachments {
		out.paragraph()
		if err := in.Attachments[i].write(&out, fmt.Sprintf("attachments[%d]", i)); err != nil {
			return nil, err
		}
	}
	return &message{text: out}, nil
}

func (a *slackAttachment) write(out *text, place string) error {
	var own text
	line := func(words string) {
		if words != "" {
			own.line()
			slackText(&own, words, true, false)
		}
	}
	address := func(label, url string) {
		if url != "" {
			own.line()
			own.say(labelled(unescaped(label), url))
		} else {
			line(label)
		}
	}
	line(a.Pretext)
	address(a.Author, a.AuthorLink)
	address(a.Title, a.TitleLink)
	line(a.Text)
	for _, f := range a.Fields {
		value := f.Value.words()
		if f.Title != "" && value != "" {
			line(f.Title + ": " + value)
		} else {
			line(f.Title + value)
		}
	}
	if err := slackBlocks(&own, place+".blocks", a.Blocks); err != nil {
		return err
	}
	address("", a.Image)
	address("", a.Thumb)
	if err := slackRow(&own, place+".actions", a.Actions); err != nil {
		return err
	}
	line(a.Footer)
	if seconds, ok := a.Time.number(); ok && seconds > 0 {
		own.line()
		own.say(time.Unix(int64(seconds), 0).UTC().Format("2006-01-02 15:04 MST"))
	}
	own.trim()
	if len(own.parts) == 0 {
		line(a.Fallback)
	}
	out.add(own)
	return nil
}

func slackBlocks(out *text, place string, blocks []slackBlock) error {
	for i := range blocks {
		out.line()
		if err := blocks[i].write(out, fmt.Sprintf("%s[%d]", place, i)); err != nil {
			return err
		}
	}
	return nil
}

func (b *slackBlock) write(out *text, place string) error {
	switch b.Type {
	case "divider":
		out.paragraph()
	case "section", "header", "markdown":
		if b.Type == "markdown" {
			out.say(plainMarkdown(b.Text.Text))
			return nil
		}
		b.Text.write(out)
		for i := range b.Fields {
			out.line()
			b.Fields[i].write(out)
		}
		if b.Accessory != nil {
			out.line()
			return slackRow(out, place+".accessory", []slackPart{*b.Accessory})
		}
	case "image":
		b.Title.write(out)
		out.line()
		if b.ImageURL == "" {
			return cannot(place, "a picture without image_url cannot be shown")
		}
		out.say(labelled(b.AltText, b.ImageURL))
	case "video":
		b.Title.write(out)
		out.line()
		b.About.write(out)
		out.line()
		out.say(first(b.TitleURL, b.VideoURL))
	case "context", "actions":
		return slackRow(out, place+".elements", b.Elements)
	case "rich_text":
		for i := range b.Elements {
			out.line()
			if err := slackRich(out, fmt.Sprintf("%s.elements[%d]", place, i), &b.Elements[i], ""); err != nil {
				return err
			}
		}
	default:
		return cannot(place, "a block of the type %.64q cannot be shown", b.Type)
	}
	return nil
}

func (w *slackWords) write(out *text) {
	if w.Type == "plain_text" {
		out.say(w.Text)
		return
	}
	slackText(out, w.Text, true, false)
}

// slackRow writes elements of a context, buttons and accessories.
func slackRow(out *text, place string, parts []slackPart) error {
	for i := range parts {
		p, at := &parts[i], fmt.Sprintf("%s[%d]", place, i)
		out.line()
		switch p.Type {
		case "mrkdwn", "plain_text":
			(&slackWords{p.Type, p.Text.Text}).write(out)
		case "image":
			if p.ImageURL == "" {
				return cannot(at, "a picture without image_url cannot be shown")
			}
			out.say(labelled(p.AltText, p.ImageURL))
		case "button":
			if p.URL == "" {
				return cannot(at, "a button without an address cannot be shown, because nothing would answer it")
			}
			out.say(labelled(unescaped(p.Text.Text), p.URL))
		default:
			return cannot(at, "an element of the type %.64q cannot be shown", p.Type)
		}
	}
	return nil
}

// slackRich writes an element of rich text. mark stands before each line of a quote.
func slackRich(out *text, place string, p *slackPart, mark string) error {
	each := func(mark string) error {
		for i := range p.Elements {
			if err := slackRich(out, fmt.Sprintf("%s.elements[%d]", place, i), &p.Elements[i], mark); err != nil {
				return err
			}
		}
		return nil
	}
	switch p.Type {
	case "rich_text_section":
		return each(mark)
	case "rich_text_quote":
		out.say("> ")
		return each("> ")
	case "rich_text_preformatted":
		out.say("```\n")
		if err := each(mark); err != nil {
			return err
		}
		out.line()
		out.say("```")
	case "rich_text_list":
		var style string
		_ = json.Unmarshal(p.Style, &style) // another form means the usual style
		for i := range p.Elements {
			out.line()
			sign := "• "
			if style == "ordered" {
				sign = fmt.Sprintf("%d. ", i+1)
			}
			out.say(strings.Repeat("  ", max(0, min(p.Indent, 8))) + sign)
			if err := slackRich(out, fmt.Sprintf("%s.elements[%d]", place, i), &p.Elements[i], mark); err != nil {
				return err
			}
		}
	case "text":
		out.say(strings.ReplaceAll(p.Text.Text, "\n", "\n"+mark))
	case "link":
		out.say(labelled(p.Text.Text, p.URL))
	case "user":
		out.at(p.UserID, "")
	case "usergroup":
		out.say("@" + p.GroupID)
	case "channel":
		out.say("#" + p.ChannelID)
	case "broadcast":
		out.at(everyone, "")
	case "emoji":
		out.say(":" + p.Name + ":")
	case "color":
		out.say(p.Value)
	case "date":
		out.say(first(p.Fallback, time.Unix(p.Time, 0).UTC().Format("2006-01-02 15:04 MST")))
	default:
		return cannot(place, "an element of the type %.64q cannot be shown", p.Type)
	}
	return nil
}

var (
	slackAngle = regexp.MustCompile(`<([^<>\n]+)>`)
	slackCall  = regexp.MustCompile(`@(?:channel|here|everyone)\b`)
)

// slackText writes a text of Slack: its links and mentions are between angle brackets. Signs of emphasis stay, as they are readable.
func slackText(out *text, words string, markup, names bool) {
	say := func(words string) { out.say(unescaped(words)) }
	if names {
		say = func(words string) {
			split(slackCall, words, func(s string) { out.say(unescaped(s)) }, func([]string) { out.at(everyone, "") })
		}
	}
	if !markup {
		say(words)
		return
	}
	split(slackAngle, words, say, func(groups []string) {
		target, label, _ := strings.Cut(groups[1], "|")
		switch {
		case strings.HasPrefix(target, "@"):
			out.at(target[1:], unescaped(label))
		case target == "!channel", target == "!here", target == "!everyone", target == "!group":
			out.at(everyone, "")
		case strings.HasPrefix(target, "!subteam^"):
			out.say(first(unescaped(label), "@"+strings.TrimPrefix(target, "!subteam^")))
		case strings.HasPrefix(target, "!"):
			out.say(first(unescaped(label), "<"+target+">"))
		case strings.HasPrefix(target, "#"):
			out.say("#" + first(unescaped(label), target[1:]))
		case strings.HasPrefix(target, "mailto:"), strings.HasPrefix(target, "tel:"):
			_, bare, _ := strings.Cut(target, ":")
			out.say(labelled(unescaped(label), bare))
		case strings.Contains(target, "://"):
			out.say(labelled(unescaped(label), unescaped(target)))
		default:
			out.say(unescaped(groups[0])) // no markup: words between angle brackets
		}
	})
}

// unescaped replaces the three entities of Slack.
func unescaped(words string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(words)
}

// first returns the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// flexible is a value that programs send as a text, a number or a truth value.
type flexible struct{ raw json.RawMessage }

func (f *flexible) UnmarshalJSON(b []byte) error {
	f.raw = append(f.raw[:0], b...)
	return nil
}

// words returns the value as a text.
func (f flexible) words() string {
	var s string
	if json.Unmarshal(f.raw, &s) == nil {
		return s
	}
	if len(f.raw) == 0 || string(f.raw) == "null" {
		return ""
	}
	return string(f.raw)
}

func (f flexible) number() (n float64, ok bool) {
	return n, len(f.raw) > 0 && json.Unmarshal([]byte(strings.Trim(string(f.raw), `"`)), &n) == nil
}

func (f flexible) isTrue() bool {
	switch strings.Trim(string(f.raw), `"`) {
	case "true", "1":
		return true
	}
	return false
}
