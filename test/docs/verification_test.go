package docs

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/internal/webhook"
)

// request is a request of a webhook, and whether it must pass.
type request struct {
	What   string            `json:"what"`
	Secret string            `json:"secret"`
	Header map[string]string `json:"header"`
	Body   string            `json:"body"`
	Now    int64             `json:"now"` // Unix seconds
	Good   bool              `json:"good"`
}

func requests() []request {
	const old, secret, other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	at := time.Unix(1767225600, 0)
	signed := func(what string, good bool, change func(*request)) request {
		const id, body = "0198c0de-0000-7000-8000-0000000000b2", `{"type":"message.sent","data":{"text":"你好, \u0000"}}`
		r := request{What: what, Secret: secret, Body: body, Now: at.Unix(), Good: good, Header: map[string]string{
			"webhook-id": id, "webhook-timestamp": strconv.FormatInt(at.Unix(), 10),
			"webhook-signature": webhook.Sign([]string{secret, old}, id, at, []byte(body)),
		}}
		change(&r)
		return r
	}
	set := func(name, value string) func(*request) { return func(r *request) { r.Header[name] = value } }
	return []request{
		signed("a good one", true, func(*request) {}),
		signed("the former secret, during a rotation", true, func(r *request) { r.Secret = old }),
		signed("four minutes old", true, func(r *request) { r.Now += 240 }),
		signed("a clock that is behind", true, func(r *request) { r.Now -= 240 }),
		signed("another secret", false, func(r *request) { r.Secret = other }),
		signed("another body", false, func(r *request) { r.Body += " " }),
		signed("another id", false, set("webhook-id", "0198c0de-0000-7000-8000-0000000000b3")),
		signed("another time", false, set("webhook-timestamp", "1767225601")),
		signed("old", false, func(r *request) { r.Now += 600 }),
		signed("from the future", false, func(r *request) { r.Now -= 600 }),
		signed("no time", false, func(r *request) { delete(r.Header, "webhook-timestamp") }),
		signed("a time in words", false, set("webhook-timestamp", "now")),
		signed("no signature", false, func(r *request) { delete(r.Header, "webhook-signature") }),
		signed("an empty signature", false, set("webhook-signature", "v1,")),
		signed("a broken signature", false, set("webhook-signature", "v1,%%%% v1")),
		signed("another version", false, func(r *request) {
			r.Header["webhook-signature"] = strings.ReplaceAll(r.Header["webhook-signature"], "v1,", "v2,")
		}),
	}
}

const goMain = `package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"try/hooks"
)

func main() {
	var all []struct {
		Secret string
		Header map[string]string
		Body   string
		Now    int64
	}
	if err := json.NewDecoder(os.Stdin).Decode(&all); err != nil {
		panic(err)
	}
	for _, r := range all {
		header := http.Header{}
		for name, value := range r.Header {
			header.Set(name, value)
		}
		fmt.Println(hooks.Verify(r.Secret, header, []byte(r.Body), time.Unix(r.Now, 0)) == nil)
	}
}
`

const nodeMain = `import { verify } from './hooks.mjs'
let text = ''
for await (const part of process.stdin) text += part
for (const r of JSON.parse(text)) console.log(verify(r.secret, r.header, Buffer.from(r.body), r.now * 1000))
`

const pythonMain = `import json, sys
from hooks import verify
for r in json.load(sys.stdin):
    print("true" if verify(r["secret"], r["header"], r["body"].encode(), r["now"]) else "false")
`

// The page shows how a receiver verifies a request in three languages. That code runs here, with requests as the server signs them
// and with others.
func TestVerificationCode(t *testing.T) {
	page, err := os.ReadFile("../../docs/outgoing-webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	all := requests()
	input, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		language string
		file     string // for the code of the page
		command  []string
		others   map[string]string
	}{
		{"go", "hooks/hooks.go", []string{"go", "run", "."}, map[string]string{"main.go": goMain, "go.mod": "module try\n\ngo 1.26\n"}},
		{"js", "hooks.mjs", []string{"node", "main.mjs"}, map[string]string{"main.mjs": nodeMain}},
		{"python", "hooks.py", []string{"python3", "main.py"}, map[string]string{"main.py": pythonMain}},
	} {
		t.Run(c.language, func(t *testing.T) {
			found := regexp.MustCompile("(?s)\n```"+c.language+"\n(.*?)\n```\n").FindAllSubmatch(page, -1)
			if len(found) != 1 {
				t.Fatalf("the page has %d pieces of code in this language, want one", len(found))
			}
			folder := t.TempDir()
			c.others[c.file] = string(found[0][1]) + "\n"
			for name, content := range c.others {
				name = filepath.Join(folder, name)
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.CommandContext(t.Context(), c.command[0], c.command[1:]...)
			cmd.Dir, cmd.Stdin = folder, strings.NewReader(string(input))
			cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %v\n%s", c.command, err, out)
			}
			answers := strings.Fields(string(out))
			if len(answers) != len(all) {
				t.Fatalf("got %d answers, want %d:\n%s", len(answers), len(all), out)
			}
			for i, r := range all {
				if got := answers[i] == "true"; got != r.Good {
					t.Errorf("%s: got %t, want %t", r.What, got, r.Good)
				}
			}
		})
	}
}
