package main

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// Without --yes, erase --json prints the data that would be erased, as JSON.
func TestEraseAsksInJSON(t *testing.T) {
	folder := t.TempDir()
	p, d := startDemo(t, "--bare", "--data", folder)
	p.stop(t)
	o := command(t, "", "erase", d.Accounts[0].ID, "--json", "--data", folder)
	var got struct {
		Account string
		Erased  *bool
	}
	if err := json.Unmarshal([]byte(o.out), &got); err != nil || o.status != 1 || got.Account != d.Accounts[0].ID || got.Erased == nil || *got.Erased {
		t.Errorf("got %+v, %v", o, err)
	}
}

// Ctrl-C ends the command. The server completes the erasure.
func TestEraseInterrupted(t *testing.T) {
	folder := t.TempDir()
	p, d := startDemo(t, "--bare", "--data", folder)
	erased := d.Accounts[1]
	l := &load{T: t, d: d}
	l.d.Accounts = slices.Clone(d.Accounts)
	slices.Reverse(l.d.Accounts[:2])
	const messages = 120
	l.before(messages)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &interrupts{text: "messages [", end: cancel, when: func() bool { return true }}
	if code := run(ctx, []string{"erase", erased.ID, "--yes", "--data", folder}, streams{out: out, err: out, terminal: true}); code != 1 ||
		!strings.Contains(out.String(), "interrupted") {
		t.Fatalf("got %d, %s", code, out)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL+"/api/admin/people/"+erased.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(d.Host.App, d.Host.Secret)
	for end := time.Now().Add(2 * time.Minute); ; {
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var person struct {
			Erasure struct{ EndedAt, Removed int64 }
		}
		err = json.NewDecoder(answer.Body).Decode(&person)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("got %d, %v", answer.StatusCode, err)
		}
		if person.Erasure.EndedAt > 0 {
			if person.Erasure.Removed < messages {
				t.Errorf("got %d messages, want at least %d", person.Erasure.Removed, messages)
			}
			break
		}
		if time.Now().After(end) {
			t.Fatal("the server does not complete it")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if n := sent(t, folder+"/parley.db"); n != 0 {
		t.Errorf("%d messages have their text", n)
	}
	p.stop(t)
}
