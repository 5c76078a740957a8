package webhook

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// wecom is the format of group robots of WeCom.
type wecom struct{}

var wecomCodes = [...]int{
	noWebhook: 93000, badSignature: 93000, tooMany: 45009, invalid: 40058, busy: -1, fault: -1,
}

func (wecom) done() *answer { return inJSON(errcode{0, "ok"}) }

func (wecom) refuse(why reason, words string) *answer { return inJSON(errcode{wecomCodes[why], words}) }

func (wecom) signed(string, []byte, *request, time.Time) error {
	return &signatureError{"this webhook takes signed messages only, and the format of WeCom has no signature"}
}

type wecomWords struct {
	Content string   `json:"content"`
	Users   []string `json:"mentioned_list"`
	Mobiles []string `json:"mentioned_mobile_list"`
}

type wecomPair struct {
	Title string `json:"title"`
	About string `json:"desc"`
}

type wecomMessage struct {
	Type       string      `json:"msgtype"`
	Text       *wecomWords `json:"text"`
	Markdown   *wecomWords `json:"markdown"`
	MarkdownV2 *wecomWords `json:"markdown_v2"`
	News       *struct {
		Articles []struct {
			Title   string `json:"title"`
			About   string `json:"description"`
			URL     string `json:"url"`
			Picture string `json:"picurl"`
		} `json:"articles"`
	} `json:"news"`
	Card *wecomCard `json:"template_card"`
}

type wecomCard struct {
	Type   string `json:"card_type"`
	Source struct {
		About string `json:"desc"`
	} `json:"source"`
	Main     wecomPair `json:"main_title"`
	Emphasis wecomPair `json:"emphasis_content"`
	Quote    struct {
		Title string `json:"title"`
		Text  string `json:"quote_text"`
		URL   string `json:"url"`
	} `json:"quote_area"`
	Subtitle string `json:"sub_title_text"`
	Picture  struct {
		URL string `json:"url"`
	} `json:"card_image"`
	Beside struct {
		Title   string `json:"title"`
		About   string `json:"desc"`
		URL     string `json:"url"`
		Picture string `json:"image_url"`
	} `json:"image_text_area"`
	Vertical   []wecomPair `json:"vertical_content_list"`
	Horizontal []struct {
		Type  int    `json:"type"`
		Key   string `json:"keyname"`
		Value string `json:"value"`
		URL   string `json:"url"`
		User  string `json:"userid"`
		Media string `json:"media_id"`
	} `json:"horizontal_content_list"`
	Jumps  []wecomJump `json:"jump_list"`
	Action wecomJump   `json:"card_action"`
}

type wecomJump struct {
	Type  int    `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

func (wecom) parse(body []byte) (*message, error) {
	var in wecomMessage
	if err := decode("the body", body, &in); err != nil {
		return nil, err
	}
	m := &message{}
	switch {
	case in.Type == "text" && in.Text != nil:
		if err := checkIDs("text", in.Text.Users, in.Text.Mobiles); err != nil {
			return nil, err
		}
		m.text.say(in.Text.Content)
		for _, id := range in.Text.Users {
			if id == "@all" {
				id = everyone
			}
			m.text.mentions([]string{id})
		}
		// Accounts are not looked up by mobile number. The number is shown as it is written.
		for _, number := range in.Text.Mobiles {
			if number == "@all" {
				m.text.mentions([]string{everyone})
			} else {
				m.text.say(" @" + number)
			}
		}
	case in.Type == "markdown" && in.Markdown != nil:
		wecomText(&m.text, in.Markdown.Content)
	case in.Type == "markdown_v2" && in.MarkdownV2 != nil:
		wecomText(&m.text, in.MarkdownV2.Content)
	case in.Type == "news" && in.News != nil:
		articles := in.News.Articles
		if len(articles) == 1 {
			a := articles[0]
			m.card, m.title, m.pic, m.links = true, a.Title, a.Picture, []link{{"", a.URL}}
			m.text.say(a.About)
			break
		}
		for _, a := range articles {
			m.text.paragraph()
			for _, words := range []string{a.Title, a.About, a.URL, a.Picture} {
				m.text.line()
				m.text.say(words)
			}
		}
	case in.Type == "template_card" && in.Card != nil:
		return in.Card.message()
	case in.Type == "image", in.Type == "file", in.Type == "voice":
		return nil, cannot("msgtype", "a message of the type %s cannot be shown: send the address of the %[1]s in a text", in.Type)
	case in.Type == "text", in.Type == "markdown", in.Type == "markdown_v2", in.Type == "news", in.Type == "template_card":
		return nil, cannot(in.Type, "is required with this msgtype")
	default:
		return nil, cannot("msgtype", "a message of the type %.64q cannot be shown: text, markdown, markdown_v2, news and template_card are understood", in.Type)
	}
	return m, nil
}

// message returns the message of a card with a notice. The cards with buttons, votes and choices need somebody who answers them.
func (c *wecomCard) message() (*message, error) {
	if c.Type != "text_notice" && c.Type != "news_notice" {
		return nil, cannot("template_card.card_type", "a card of the type %.64q cannot be shown: text_notice and news_notice are understood", c.Type)
	}
	m := &message{card: true, title: c.Main.Title, pic: c.Picture.URL}
	line := func(words ...string) {
		m.text.line()
		m.text.say(joined(": ", words...))
	}
	line(c.Source.About)
	line(c.Main.About)
	line(c.Emphasis.Title, c.Emphasis.About)
	line(c.Subtitle)
	line(c.Quote.Title, c.Quote.Text)
	line(c.Beside.Title, c.Beside.About)
	for _, v := range c.Vertical {
		line(v.Title, v.About)
	}
	for i, h := range c.Horizontal {
		if h.Media != "" {
			return nil, cannot(fmt.Sprintf("template_card.horizontal_content_list[%d]", i), "a file of WeCom cannot be shown")
		}
		line(h.Key, h.Value)
		if h.URL != "" {
			m.text.say(" (" + h.URL + ")")
		}
		if h.User != "" {
			m.text.mentions([]string{h.User})
		}
	}
	add := func(label, url string) {
		if url != "" {
			m.links = append(m.links, link{label, url})
		}
	}
	add("", c.Quote.URL)
	add("", c.Beside.URL)
	add("", c.Beside.Picture)
	for i, j := range append(c.Jumps, c.Action) {
		place := fmt.Sprintf("template_card.jump_list[%d]", i)
		if i == len(c.Jumps) {
			place = "template_card.card_action"
		}
		if j.Type > 1 {
			return nil, cannot(place, "a program of WeCom cannot be opened: only an address can")
		}
		add(j.Title, j.URL)
	}
	m.links = withoutRepeated(m.links)
	m.text.trim()
	return m, nil
}

// withoutRepeated removes links without a label whose address another one has.
func withoutRepeated(links []link) []link {
	var all []link
	for i, l := range links {
		repeated := false
		for j, other := range links {
			repeated = repeated || other.url == l.url && l.label == "" && (other.label != "" || j < i)
		}
		if !repeated {
			all = append(all, l)
		}
	}
	return all
}

var wecomAt = regexp.MustCompile(`<@([^<>\s]+)>`)

// wecomText writes Markdown of WeCom, in which <@id> is a mention.
func wecomText(out *text, words string) {
	split(wecomAt, plainMarkdown(words), out.say, func(groups []string) {
		if groups[1] == "all" || groups[1] == "@all" {
			groups[1] = everyone
		}
		out.at(groups[1], "")
	})
}

// joined joins the texts that are not empty.
func joined(by string, texts ...string) string {
	var all []string
	for _, t := range texts {
		if t != "" {
			all = append(all, t)
		}
	}
	return strings.Join(all, by)
}
