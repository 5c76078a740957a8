package webhook

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// dingtalk is the format of group robots of DingTalk.
type dingtalk struct{}

var dingtalkCodes = [...]int{
	noWebhook: 300005, badSignature: 310000, tooMany: 130101, invalid: 40035, busy: -1, fault: -1,
}

// errcode is an answer of DingTalk or WeCom.
type errcode struct {
	Code    int    `json:"errcode"`
	Message string `json:"errmsg"`
}

func (dingtalk) done() *answer { return inJSON(errcode{0, "ok"}) }

func (dingtalk) refuse(why reason, words string) *answer {
	return inJSON(errcode{dingtalkCodes[why], words})
}

// signed checks the two parameters of the address: the key of the signature is the secret, the text is the time and the secret.
func (dingtalk) signed(secret string, _ []byte, in *request, now time.Time) error {
	return checkSigned(secret, in.Timestamp+"\n"+secret, in.Sign, in.Timestamp, time.Millisecond, now)
}

type dingtalkMessage struct {
	Type string `json:"msgtype"`
	Text *struct {
		Content string `json:"content"`
	} `json:"text"`
	Markdown *struct {
		Title string `json:"title"`
		Text  string `json:"text"`
	} `json:"markdown"`
	Link *struct {
		Title   string `json:"title"`
		Text    string `json:"text"`
		URL     string `json:"messageUrl"`
		Picture string `json:"picUrl"`
	} `json:"link"`
	ActionCard *struct {
		Title       string `json:"title"`
		Text        string `json:"text"`
		SingleTitle string `json:"singleTitle"`
		SingleURL   string `json:"singleURL"`
		Buttons     []struct {
			Title string `json:"title"`
			URL   string `json:"actionURL"`
		} `json:"btns"`
	} `json:"actionCard"`
	FeedCard *struct {
		Links []struct {
			Title   string `json:"title"`
			URL     string `json:"messageURL"`
			Picture string `json:"picURL"`
		} `json:"links"`
	} `json:"feedCard"`
	At struct {
		Mobiles []string `json:"atMobiles"`
		Users   []string `json:"atUserIds"`
		All     flexible `json:"isAtAll"`
	} `json:"at"`
}

func (dingtalk) parse(body []byte) (*message, error) {
	var in dingtalkMessage
	if err := decode("the body", body, &in); err != nil {
		return nil, err
	}
	if err := checkIDs("at", in.At.Users, in.At.Mobiles); err != nil {
		return nil, err
	}
	m := &message{}
	switch {
	case in.Type == "text" && in.Text != nil:
		in.write(&m.text, in.Text.Content)
	case in.Type == "markdown" && in.Markdown != nil:
		words := plainMarkdown(in.Markdown.Text)
		if !strings.Contains(words, in.Markdown.Title) { // most programs repeat it there
			m.title = in.Markdown.Title
		}
		in.write(&m.text, words)
	case in.Type == "link" && in.Link != nil:
		l := in.Link
		m.card, m.title, m.pic = true, l.Title, l.Picture
		m.text.say(l.Text)
		if l.URL == "" {
			return nil, cannot("link.messageUrl", "is required")
		}
		m.links = []link{{"", unwrapped(l.URL)}}
	case in.Type == "actionCard" && in.ActionCard != nil:
		c := in.ActionCard
		m.card = true
		words := plainMarkdown(c.Text)
		if first, rest, _ := strings.Cut(words, "\n"); strings.TrimSpace(first) == strings.TrimSpace(c.Title) {
			words = strings.TrimLeft(rest, "\r\n")
		}
		m.title = c.Title
		in.write(&m.text, words)
		if c.SingleURL != "" {
			m.links = append(m.links, link{c.SingleTitle, unwrapped(c.SingleURL)})
		}
		for i, b := range c.Buttons {
			if b.URL == "" {
				return nil, cannot(fmt.Sprintf("actionCard.btns[%d]", i), "a button without an address cannot be shown, because nothing would answer it")
			}
			m.links = append(m.links, link{b.Title, unwrapped(b.URL)})
		}
	case in.Type == "feedCard" && in.FeedCard != nil:
		if l := in.FeedCard.Links; len(l) == 1 {
			m.card, m.title, m.pic, m.links = true, l[0].Title, l[0].Picture, []link{{"", unwrapped(l[0].URL)}}
			break
		}
		for _, l := range in.FeedCard.Links {
			m.links = append(m.links, link{l.Title, unwrapped(l.URL)})
			if l.Picture != "" {
				m.links = append(m.links, link{"", l.Picture})
			}
		}
	case in.Type == "text", in.Type == "markdown", in.Type == "link", in.Type == "actionCard", in.Type == "feedCard":
		return nil, cannot(in.Type, "is required with this msgtype")
	default:
		return nil, cannot("msgtype", "a message of the type %.64q cannot be shown: text, markdown, link, actionCard and feedCard are understood", in.Type)
	}
	if in.At.All.isTrue() && !m.text.has(everyone) {
		m.text.mentions([]string{everyone})
	}
	m.text.mentions(in.At.Users)
	// Accounts are not looked up by mobile number. The number is shown as it is written.
	for _, number := range in.At.Mobiles {
		if words, _ := in.words(); !strings.Contains(words, number) {
			m.text.say(" @" + number)
		}
	}
	return m, nil
}

// words returns the words of the message, in which programs write the mentions, too.
func (in *dingtalkMessage) words() (string, bool) {
	switch {
	case in.Text != nil:
		return in.Text.Content, true
	case in.Markdown != nil:
		return in.Markdown.Text, true
	case in.ActionCard != nil:
		return in.ActionCard.Text, true
	}
	return "", false
}

// write adds words in which the mentioned ids stand behind an @.
func (in *dingtalkMessage) write(out *text, words string) { out.call(words, in.At.Users) }

// unwrapped returns the address that a link of DingTalk's client opens.
func unwrapped(address string) string {
	if !strings.HasPrefix(address, "dingtalk://dingtalkclient/") {
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return first(u.Query().Get("url"), address)
}
