package webhook

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// feishu is the format of group robots of Feishu and Lark.
type feishu struct{}

var feishuCodes = [...]int{
	noWebhook: 19001, badSignature: 19021, tooMany: 11232, invalid: 9499, busy: 2200, fault: 2200,
}

// feishuAnswer has the names of both generations of the format.
type feishuAnswer struct {
	Code       int      `json:"code"`
	Message    string   `json:"msg"`
	Data       struct{} `json:"data"`
	StatusCode int      `json:"StatusCode"`
	Status     string   `json:"StatusMessage"`
}

func (feishu) done() *answer {
	return inJSON(feishuAnswer{Code: 0, Message: "success", StatusCode: 0, Status: "success"})
}

func (feishu) refuse(why reason, words string) *answer {
	code := feishuCodes[why]
	return inJSON(feishuAnswer{Code: code, Message: words, StatusCode: code, Status: words})
}

// signed checks the two members of the body: the key of the signature is the time and the secret, the text is empty.
func (feishu) signed(secret string, body []byte, _ *request, now time.Time) error {
	var in feishuMessage
	if err := decode("the body", body, &in); err != nil {
		return err
	}
	at := in.Timestamp.words()
	return checkSigned(at+"\n"+secret, "", in.Sign, at, time.Second, now)
}

type feishuMessage struct {
	Type      string          `json:"msg_type"`
	Timestamp flexible        `json:"timestamp"`
	Sign      string          `json:"sign"`
	Content   json.RawMessage `json:"content"`
	Card      json.RawMessage `json:"card"`
}

func (feishu) parse(body []byte) (*message, error) {
	var in feishuMessage
	if err := decode("the body", body, &in); err != nil {
		return nil, err
	}
	m := &message{}
	switch in.Type {
	case "text":
		var content struct {
			Text string `json:"text"`
		}
		if err := decode("content", inText(in.Content), &content); err != nil {
			return nil, err
		}
		feishuText(&m.text, content.Text)
	case "post":
		return feishuPost(in.Content)
	case "interactive":
		card := in.Card
		if len(card) == 0 {
			card = in.Content // as messages of applications have it
		}
		return feishuCardMessage(card)
	case "image":
		return nil, cannot("msg_type", "a picture of Feishu cannot be shown, because image_key names a file there")
	case "share_chat":
		return nil, cannot("msg_type", "a group of Feishu cannot be shared here")
	default:
		return nil, cannot("msg_type", "a message of the type %.64q cannot be shown: text, post and interactive are understood", in.Type)
	}
	return m, nil
}

// inText returns JSON that may be in a JSON string, as some programs send it.
func inText(raw json.RawMessage) json.RawMessage {
	var s string
	if json.Unmarshal(raw, &s) == nil && s != "" {
		return json.RawMessage(s)
	}
	return raw
}

var feishuAt = regexp.MustCompile(`(?s)<at\s+([^<>]*?)/?>(?:([^<>]*)</at>)?`)

var feishuAtID = regexp.MustCompile(`(?:user_id|open_id|id|ids|email)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))`)

// feishuText writes a text in which <at user_id="…">…</at> is a mention.
func feishuText(out *text, words string) {
	split(feishuAt, words, out.say, func(groups []string) {
		found := feishuAtID.FindStringSubmatch(groups[1])
		if found == nil {
			out.say(groups[2])
			return
		}
		for id := range strings.SplitSeq(first(found[1:]...), ",") {
			out.at(id, groups[2]) // the id of the whole group is "all"
		}
	})
}

// feishuMarkdown writes Markdown of a card or a post.
func feishuMarkdown(out *text, words string) {
	// The mentions come first: Markdown does not have their tags.
	split(feishuAt, words,
		func(s string) { out.say(html.UnescapeString(plainMarkdown(s))) },
		func(groups []string) { feishuText(out, groups[0]) })
}

type feishuPostContent struct {
	Title   string         `json:"title"`
	Content [][]feishuSpan `json:"content"`
}

// feishuSpan is an element of a line of a post.
type feishuSpan struct {
	Tag      string `json:"tag"`
	Text     string `json:"text"`
	URL      string `json:"href"`
	UserID   string `json:"user_id"`
	UserName string `json:"user_name"`
	Emoji    string `json:"emoji_type"`
	Escaped  bool   `json:"un_escape"`
}

// feishuLanguages is the order in which a language of a post or a card is taken: all say the same.
var feishuLanguages = []string{"zh_cn", "en_us", "zh_hk", "zh_tw", "ja_jp"}

// inOneLanguage returns the value of the first known language.
func inOneLanguage[T any](all map[string]T) (v T, ok bool) {
	for _, l := range append(feishuLanguages, slices.Sorted(maps.Keys(all))...) {
		if v, ok = all[l]; ok {
			return v, true
		}
	}
	return v, false
}

func feishuPost(raw json.RawMessage) (*message, error) {
	var content struct {
		Post json.RawMessage `json:"post"`
	}
	if err := decode("content", inText(raw), &content); err != nil {
		return nil, err
	}
	var languages map[string]feishuPostContent
	if err := decode("content.post", inText(content.Post), &languages); err != nil {
		return nil, err
	}
	post, ok := inOneLanguage(languages)
	if !ok {
		return nil, cannot("content.post", "has no language")
	}
	m := &message{title: post.Title}
	for i, line := range post.Content {
		if i > 0 {
			m.text.say("\n")
		}
		for j := range line {
			if err := line[j].write(&m.text, fmt.Sprintf("content.post[%d][%d]", i, j)); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

func (s *feishuSpan) write(out *text, place string) error {
	switch s.Tag {
	case "text":
		if s.Escaped {
			out.say(html.UnescapeString(s.Text))
		} else {
			out.say(s.Text)
		}
	case "md":
		feishuMarkdown(out, s.Text)
	case "a":
		out.say(labelled(s.Text, s.URL))
	case "at":
		out.at(s.UserID, s.UserName)
	case "emotion":
		out.say("[" + s.Emoji + "]")
	case "code_block":
		out.say("```\n" + strings.TrimRight(s.Text, "\n") + "\n```")
	case "hr":
	default:
		return cannot(place, "an element with the tag %.64q cannot be shown", s.Tag)
	}
	return nil
}

type feishuCard struct {
	Type   string `json:"type"` // of a template
	Header struct {
		Title    feishuWords `json:"title"`
		Subtitle feishuWords `json:"subtitle"`
	} `json:"header"`
	Elements  []feishuElement            `json:"elements"`
	Languages map[string][]feishuElement `json:"i18n_elements"`
	Body      struct {
		Elements []feishuElement `json:"elements"`
	} `json:"body"` // of the second version
	Link feishuAddress `json:"card_link"`
}

type feishuAddress struct {
	URL     string `json:"url"`
	Desktop string `json:"pc_url"`
}

func (a feishuAddress) address() string { return first(a.URL, a.Desktop) }

// feishuWords is a text of a card.
type feishuWords struct {
	Tag       string            `json:"tag"`
	Content   string            `json:"content"`
	Languages map[string]string `json:"i18n"`
}

func (w *feishuWords) words() string {
	if w.Content == "" {
		words, _ := inOneLanguage(w.Languages)
		return words
	}
	return w.Content
}

func (w *feishuWords) write(out *text) {
	if w.Tag == "lark_md" || w.Tag == "markdown" {
		feishuMarkdown(out, w.words())
		return
	}
	out.say(w.words())
}

type feishuElement struct {
	Tag       string            `json:"tag"`
	Content   string            `json:"content"`
	Languages map[string]string `json:"i18n"`
	Text      *feishuWords      `json:"text"`
	Fields    []struct {
		Text feishuWords `json:"text"`
	} `json:"fields"`
	Extra    *feishuElement  `json:"extra"`
	Actions  []feishuElement `json:"actions"`
	Elements []feishuElement `json:"elements"`
	Columns  []feishuElement `json:"columns"`
	Header   struct {
		Title feishuWords `json:"title"`
	} `json:"header"`
	URL       string        `json:"url"`
	Addresses feishuAddress `json:"multi_url"`
	Behaviors []struct {
		Type string `json:"type"`
		URL  string `json:"default_url"`
	} `json:"behaviors"`
}

func feishuCardMessage(raw json.RawMessage) (*message, error) {
	var in feishuCard
	if err := decode("card", inText(raw), &in); err != nil {
		return nil, err
	}
	if in.Type == "template" {
		return nil, cannot("card", "a template cannot be shown, because it is stored at Feishu")
	}
	m := &message{card: true, title: strings.TrimSpace(in.Header.Title.words())}
	if sub := in.Header.Subtitle.words(); sub != "" {
		m.text.say(sub)
	}
	elements := append(in.Elements, in.Body.Elements...)
	if len(elements) == 0 {
		elements, _ = inOneLanguage(in.Languages)
	}
	if err := m.feishuElements("card.elements", elements); err != nil {
		return nil, err
	}
	if address := in.Link.address(); address != "" {
		m.links = append(m.links, link{"", address})
	}
	m.links = withoutRepeated(m.links)
	m.text.trim()
	return m, nil
}

func (m *message) feishuElements(place string, elements []feishuElement) error {
	for i := range elements {
		if err := m.feishuElement(fmt.Sprintf("%s[%d]", place, i), &elements[i]); err != nil {
			return err
		}
	}
	return nil
}

func (m *message) feishuElement(place string, e *feishuElement) error {
	m.text.line()
	switch e.Tag {
	case "div":
		if e.Text != nil {
			e.Text.write(&m.text)
		}
		for i := range e.Fields {
			m.text.line()
			e.Fields[i].Text.write(&m.text)
		}
		if e.Extra != nil {
			return m.feishuElement(place+".extra", e.Extra)
		}
	case "markdown", "lark_md", "plain_text":
		(&feishuWords{Tag: e.Tag, Content: e.Content, Languages: e.Languages}).write(&m.text)
	case "hr":
	case "note", "column", "collapsible_panel":
		e.Header.Title.write(&m.text)
		return m.feishuElements(place+".elements", e.Elements)
	case "column_set":
		return m.feishuElements(place+".columns", e.Columns)
	case "action":
		return m.feishuElements(place+".actions", e.Actions)
	case "button":
		address := first(e.URL, e.Addresses.address())
		for _, b := range e.Behaviors {
			if b.Type == "open_url" {
				address = first(address, b.URL)
			}
		}
		if address == "" {
			return cannot(place, "a button without an address cannot be shown, because nothing would answer it")
		}
		label := ""
		if e.Text != nil {
			label = e.Text.words()
		}
		m.links = append(m.links, link{label, address})
	case "img", "img_combination":
		return cannot(place, "a picture of Feishu cannot be shown, because its key names a file there")
	default:
		return cannot(place, "an element with the tag %.64q cannot be shown", e.Tag)
	}
	return nil
}
