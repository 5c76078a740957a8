// Package script runs protocol transcripts: who sends what, and what everybody
// then receives, line by line. The transcripts are the examples of the
// protocol's documentation as well.
//
// A transcript begins with comments, of which the first line is its title. Then:
//
//	people alice bob           accounts that are contacts of each other, each with a socket of that name
//	stranger dave              an account that is nobody's contact, with a socket
//	mute new history           pushes that the application of the sockets opened below does not want
//	results first              their application gets ack(result) for sends; stands above people
//	socket alice/phone mobile  a further socket of alice, through an application of that kind
//	group team alice bob       a group that alice created; its id is $team. What it caused is not shown
//	alice > send message {…}   alice emits and asks for an acknowledgement
//	alice >> operate {…}       alice emits without asking
//	alice < ack false {…}      the acknowledgement of alice's oldest open request
//	bob < new message {…}      the next push that bob receives
//	host > POST /v1/groups {…} the host system calls the host API
//	host < 201 {…}             and is answered
//	history > bob /messages?…  bob's client reads history over HTTP
//	history < 200 […]          and is answered
//	api > bob GET /api/me      bob's client calls the client API
//	api < 200 {…}              and is answered
//	program > $address {…}     a program sends to an incoming webhook
//	program < 200 {…}          and is answered
//	alice closes               the connection is lost; "alice connects" opens it anew with the same token
//	alice breaks               the connection ends with an error
//	only websocket             a statement at the top: it is played over that transport, or with eio3 or eio4, alone
//	clock +6m                  time passes
//
// A line that begins with white space continues the one above. In what is
// received, "$name" takes a string and, where the name is known, must equal it;
// "#name" is the same for a number; "*" is anything; "/re/" is a string that
// matches; ... stands for further fields. In what is sent, $name is replaced by
// its value. A push that no line expects fails the transcript.
package script

//go:generate go test -count=1 -run TestDocsShowTheTranscripts . -update

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strings"
)

// Line is one statement of a transcript.
type Line struct {
	Number  int
	Subject string // "alice", "alice/phone", "host", or a directive's first word
	Verb    string // ">", ">>", "<", or empty for a directive
	Rest    string
}

// Parse reads a transcript.
func Parse(r io.Reader) (title string, lines []Line, err error) {
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, 1<<20)
	for n := 1; scan.Scan(); n++ {
		text := scan.Text()
		switch {
		case strings.TrimSpace(text) == "":
		case strings.HasPrefix(text, "#"):
			if title == "" {
				title = strings.TrimSpace(strings.TrimLeft(text, "#"))
			}
		case text[0] == ' ' || text[0] == '\t':
			if len(lines) == 0 {
				return "", nil, fmt.Errorf("line %d continues nothing", n)
			}
			lines[len(lines)-1].Rest += "\n" + strings.TrimSpace(text)
		default:
			lines = append(lines, parseLine(n, text))
		}
	}
	return title, lines, scan.Err()
}

func parseLine(n int, text string) Line {
	subject, rest, _ := strings.Cut(text, " ")
	verb, after, _ := strings.Cut(rest, " ")
	if verb == ">" || verb == ">>" || verb == "<" {
		return Line{Number: n, Subject: subject, Verb: verb, Rest: strings.TrimSpace(after)}
	}
	return Line{Number: n, Subject: subject, Rest: strings.TrimSpace(rest)}
}

// Split takes "send message {…}" apart: the event's name and the JSON values
// after it. Values of an expectation may hold "..." among an object's fields.
func (l Line) Split() (name string, values []string, err error) {
	start := strings.IndexAny(l.Rest, "{[\"")
	if fields := strings.Fields(l.Rest); len(fields) > 0 && fields[0] == "ack" {
		name, start = "ack", strings.Index(l.Rest, "ack")+len("ack")
	} else if start < 0 {
		return strings.TrimSpace(l.Rest), nil, nil
	} else {
		name = strings.TrimSpace(l.Rest[:start])
	}
	decoder := json.NewDecoder(strings.NewReader(expandDots(l.Rest[start:])))
	for {
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err == io.EOF {
			return name, values, nil
		} else if err != nil {
			return "", nil, fmt.Errorf("line %d: %w in %s", l.Number, err, l.Rest)
		}
		values = append(values, string(raw))
	}
}

const dots = "..."

// expandDots makes JSON of the short form: a bare ... becomes the field "...".
func expandDots(text string) string {
	var out strings.Builder
	quoted, escaped := false, false
	for i := 0; i < len(text); i++ {
		b := text[i]
		switch {
		case escaped:
			escaped = false
		case quoted && b == '\\':
			escaped = true
		case b == '"':
			quoted = !quoted
		case !quoted && strings.HasPrefix(text[i:], dots):
			out.WriteString(`"...":0`)
			i += len(dots) - 1
			continue
		}
		out.WriteByte(b)
	}
	return out.String()
}

// Names are the values of a transcript's variables.
type Names map[string]string

var variable = regexp.MustCompile(`\$[a-z][a-z0-9_.]*`)

// Fill replaces every known $name by its value.
func (n Names) Fill(text string) string {
	return variable.ReplaceAllStringFunc(text, func(name string) string {
		if value, ok := n[name[1:]]; ok {
			return value
		}
		return name
	})
}

// Match compares a received value with an expectation and learns the names in
// it. The error names the place that differs.
func (n Names) Match(want, got string) error {
	return n.match("", decode(want), decode(got))
}

func decode(text string) any {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return fmt.Errorf("not JSON: %q", text)
	}
	return value
}

func (n Names) match(at string, want, got any) error {
	switch want := want.(type) {
	case string:
		return n.matchString(at, want, got)
	case map[string]any:
		return n.matchObject(at, want, got)
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return differ(at, want, got)
		}
		for i := range want {
			if err := n.match(fmt.Sprintf("%s[%d]", at, i), want[i], list[i]); err != nil {
				return err
			}
		}
		return nil
	default:
		if want != got {
			return differ(at, want, got)
		}
		return nil
	}
}

func (n Names) matchString(at, want string, got any) error {
	if want == "*" {
		return nil
	}
	var text string
	switch value := got.(type) {
	case string:
		if strings.HasPrefix(want, "#") {
			return differ(at, want, got)
		}
		text = value
	case json.Number:
		if !strings.HasPrefix(want, "#") {
			return differ(at, want, got)
		}
		text = value.String()
	default:
		return differ(at, want, got)
	}
	if len(want) > 1 && (want[0] == '$' || want[0] == '#') {
		name := want[1:]
		if known, ok := n[name]; ok && known != text {
			return differ(at, want+" = "+known, got)
		}
		n[name] = text
		return nil
	}
	if len(want) > 2 && want[0] == '/' && want[len(want)-1] == '/' {
		if !regexp.MustCompile(want[1 : len(want)-1]).MatchString(text) {
			return differ(at, want, got)
		}
		return nil
	}
	if want != text {
		return differ(at, want, got)
	}
	return nil
}

func (n Names) matchObject(at string, want map[string]any, got any) error {
	object, ok := got.(map[string]any)
	if !ok {
		return differ(at, want, got)
	}
	_, open := want[dots]
	for _, key := range sorted(want) {
		if key == dots {
			continue
		}
		value, ok := object[key]
		if !ok {
			return fmt.Errorf("%s.%s is missing in %s", at, key, show(got))
		}
		if err := n.match(at+"."+key, want[key], value); err != nil {
			return err
		}
	}
	for _, key := range sorted(object) {
		if _, ok := want[key]; !ok && !open {
			return fmt.Errorf("%s.%s is not expected: %s", at, key, show(object[key]))
		}
	}
	return nil
}

func sorted(object map[string]any) []string {
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func differ(at string, want, got any) error {
	if at == "" {
		at = "the value"
	}
	return fmt.Errorf("%s: got %s, want %s", at, show(got), show(want))
}

func show(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}
