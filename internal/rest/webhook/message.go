package webhook

import (
	"encoding/json"
	"strings"
	"unicode/utf16"

	"parley/internal/chat"
	"parley/internal/wire"
)

// everyone is the mention of the whole group.
const everyone = string(chat.Everyone)

// maxBody is the largest body in bytes. The work on some bodies grows with the square of their size.
const maxBody = 256 << 10

// maxIDs is the largest number of ids of a list of mentions, for the same reason.
const maxIDs = 500

// checkIDs refuses lists of mentions that are too long.
func checkIDs(place string, lists ...[]string) error {
	for _, ids := range lists {
		if len(ids) > maxIDs {
			return cannot(place, "must name at most %d members", maxIDs)
		}
	}
	return nil
}

// message is a message in a neutral form: paragraphs of text, or a card if it has a title and one link.
type message struct {
	title string
	text  text
	links []link // of buttons and of a whole card
	pic   string // of a card
	card  bool   // the kind of the message is that of a card
}

// link is an address with the words on its button.
type link struct{ label, url string }

// maxCardText is the largest number of UTF-16 units of the text of a card. Clients show it as a short text below the
// title, so a message with a longer one is sent as a text.
const maxCardText = 500

// forChat returns the message for package chat.
func (m *message) forChat() (chat.WebhookMessage, error) {
	if card := m.asCard(); card != nil {
		body, err := json.Marshal(card)
		if err != nil {
			return chat.WebhookMessage{}, err
		}
		return chat.WebhookMessage{Card: body}, nil
	}
	var all text
	if m.title != "" {
		all.say(m.title)
		all.line()
	}
	all.add(m.text)
	if m.pic != "" {
		all.line()
		all.say(m.pic)
	}
	for _, l := range m.links {
		all.line()
		all.say(labelled(l.label, l.url))
	}
	all.trim()
	if len(all.parts) == 0 {
		return chat.WebhookMessage{}, cannot("", "the message has no text")
	}
	return chat.WebhookMessage{Text: all.parts}, nil
}

// asCard returns the card of the message, or nil if a card would not show all of it.
func (m *message) asCard() *wire.Card {
	if !m.card || m.title == "" || len(m.links) != 1 || chat.CheckAddress("", m.links[0].url) != nil {
		return nil
	}
	if m.pic != "" && chat.CheckAddress("", m.pic) != nil {
		return nil
	}
	words, plain := m.text.plain()
	if !plain || len(utf16.Encode([]rune(words))) > maxCardText {
		return nil
	}
	c := &wire.Card{Title: m.title, URL: m.links[0].url}
	if words != "" {
		c.Text = &words
	}
	if m.pic != "" {
		c.Pic = &m.pic
	}
	return c
}

// labelled returns an address with its label as a text.
func labelled(label, url string) string {
	label = strings.TrimSpace(label)
	if label == "" || label == url {
		return url
	}
	return label + " (" + url + ")"
}

// text is made of words and mentions.
type text struct{ parts []chat.WebhookText }

// say adds words, as a part of their own: to join them with those before would copy these each time.
func (t *text) say(words string) {
	if words != "" {
		t.parts = append(t.parts, chat.WebhookText{Text: words})
	}
}

// at adds a mention of an account id, an e-mail address or everyone. name is shown if there is no such member; it may be empty.
func (t *text) at(who, name string) {
	if who = strings.TrimSpace(who); who != "" {
		t.parts = append(t.parts, chat.WebhookText{At: who, Text: strings.TrimPrefix(strings.TrimSpace(name), "@")})
	}
}

// line begins another line, if the present one has words.
func (t *text) line() {
	if n := len(t.parts); n > 0 && (t.parts[n-1].At != "" || !strings.HasSuffix(t.parts[n-1].Text, "\n")) {
		t.say("\n")
	}
}

// paragraph begins another line after an empty one.
func (t *text) paragraph() {
	if len(t.parts) > 0 {
		t.line()
		t.say("\n")
	}
}

// add adds another text.
func (t *text) add(other text) {
	for _, p := range other.parts {
		if p.At != "" {
			t.parts = append(t.parts, p)
		} else {
			t.say(p.Text)
		}
	}
}

// trim removes space from both ends.
func (t *text) trim() {
	for n := len(t.parts); n > 0 && t.parts[n-1].At == ""; n-- {
		if t.parts[n-1].Text = strings.TrimRight(t.parts[n-1].Text, " \t\r\n"); t.parts[n-1].Text != "" {
			break
		}
		t.parts = t.parts[:n-1]
	}
	for len(t.parts) > 0 && t.parts[0].At == "" {
		if t.parts[0].Text = strings.TrimLeft(t.parts[0].Text, "\r\n"); t.parts[0].Text != "" {
			break
		}
		t.parts = t.parts[1:]
	}
}

// plain returns the words of a text without mentions, or false.
func (t *text) plain() (string, bool) {
	var out strings.Builder
	for _, p := range t.parts {
		if p.At != "" {
			return "", false
		}
		out.WriteString(p.Text)
	}
	return strings.TrimSpace(out.String()), true
}

// mentions adds mentions at the end of the text, except of those that the text has.
func (t *text) mentions(ids []string) {
	for _, id := range ids {
		if id = strings.TrimPrefix(strings.TrimSpace(id), "@"); id == "" || t.has(id) {
			continue
		}
		if n := len(t.parts); n > 0 && (t.parts[n-1].At != "" || !strings.HasSuffix(t.parts[n-1].Text, " ") && !strings.HasSuffix(t.parts[n-1].Text, "\n")) {
			t.say(" ")
		}
		t.at(id, "")
	}
}

func (t *text) has(who string) bool {
	for _, p := range t.parts {
		if p.At == who {
			return true
		}
	}
	return false
}

// call makes mentions of the places where the words have an @ and one of the ids. The longest id at a place counts.
func (t *text) call(words string, ids []string) {
	clean := make([]string, len(ids))
	for i, id := range ids {
		clean[i] = strings.TrimPrefix(strings.TrimSpace(id), "@")
	}
	for {
		at := strings.IndexByte(words, '@')
		if at < 0 {
			t.say(words)
			return
		}
		found := ""
		for _, id := range clean {
			if len(id) > len(found) && strings.HasPrefix(words[at+1:], id) {
				found = id
			}
		}
		t.say(words[:at])
		if found == "" {
			t.say("@")
		} else {
			t.at(found, "")
		}
		words = words[at+1+len(found):]
	}
}
