package webhook

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"
)

// format reads the messages of the group robots of one service and makes its answers.
type format interface {
	parse(body []byte) (*message, error)
	// signed checks the signature of a request with the secret of the webhook.
	signed(secret string, body []byte, in *request, now time.Time) error
	done() *answer
	// refuse makes the answer to a refused request, except the status.
	refuse(why reason, words string) *answer
}

// told returns the format of a body.
func told(body []byte, in *request) format {
	var members map[string]json.RawMessage
	// encoding/json would replace bytes that are no UTF-8, and the message would differ from what was sent.
	if !utf8.Valid(body) || json.Unmarshal(body, &members) != nil {
		return unknown{}
	}
	has := func(name string) bool {
		_, found := members[name]
		return found
	}
	switch {
	case has("msg_type"):
		return feishu{}
	case has("msgtype"):
		if in.Sign == "" && isWeCom(members) {
			return wecom{}
		}
		return dingtalk{}
	case has("text"), has("blocks"), has("attachments"):
		return slack{}
	}
	return unknown{}
}

// isWeCom reports whether a body with a msgtype is for WeCom. A text without mentions is the same for DingTalk, and so is the
// answer to it.
func isWeCom(members map[string]json.RawMessage) bool {
	var kind string
	if json.Unmarshal(members["msgtype"], &kind) != nil {
		return false
	}
	switch kind {
	case "markdown_v2", "image", "news", "file", "voice", "template_card":
		return true
	case "text", "markdown":
	default:
		return false
	}
	var content map[string]json.RawMessage
	if json.Unmarshal(members[kind], &content) != nil {
		return false
	}
	for _, name := range []string{"mentioned_list", "mentioned_mobile_list"} {
		if _, found := content[name]; found {
			return true
		}
	}
	_, found := content["content"]
	return kind == "markdown" && found
}

// unknown is for a body of no format.
type unknown struct{}

// undecided is an answer for a program whose format is not known. It has the members of all of them.
type undecided struct {
	Code         int    `json:"code"`
	Message      string `json:"msg"`
	ErrorCode    int    `json:"errcode"`
	ErrorMessage string `json:"errmsg"`
}

// ContentType keeps this from being called a problem document.
func (*undecided) ContentType(string) string { return "application/json" }

func (unknown) parse([]byte) (*message, error) {
	return nil, cannot("", "the body is not JSON of a known format: Slack has text, blocks or attachments, Feishu msg_type, DingTalk and WeCom msgtype")
}

func (unknown) signed(string, []byte, *request, time.Time) error { return nil } // nothing is sent: parse refuses

func (unknown) done() *answer { return inJSON(&undecided{}) }

func (unknown) refuse(why reason, words string) *answer {
	return inJSON(&undecided{why.status(), words, why.status(), words})
}

// inJSON returns an answer with a body of JSON.
func inJSON(v any) *answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic("webhook: " + err.Error()) // impossible: the answers have texts and numbers only
	}
	return &answer{Status: http.StatusOK, Type: "application/json", Body: body}
}

// unshownError refuses a message.
type unshownError struct{ place, words string }

func (e *unshownError) Error() string {
	if e.place == "" {
		return e.words
	}
	return e.place + ": " + e.words
}

// cannot returns the refusal of a message. place is the member of the body that is concerned; empty: the whole.
func cannot(place, words string, args ...any) error {
	return &unshownError{place, fmt.Sprintf(words, args...)}
}

// decode reads a part of a body.
func decode(place string, body []byte, v any) error {
	if len(body) == 0 {
		return cannot(place, "is required")
	}
	if err := json.Unmarshal(body, v); err != nil {
		return cannot(place, "does not have the form of the format")
	}
	return nil
}
