package config

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every option has a type, and its default and its value can be read again. No secret is shown.
func TestOptions(t *testing.T) {
	c := Default()
	c.Mail = Mail{SMTP: "smtp.example.test:587", From: "parley@example.test", User: "parley", Password: "do-not-show", TLS: "starttls"}
	c.Cluster.Listen, c.Cluster.Secret = "127.0.0.1:7000", "do-not-show-this"
	all, err := c.Options()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 120 {
		t.Fatalf("got %d options, want all", len(all))
	}
	for _, o := range all {
		if o.Name == "" || o.Group == "" || o.Help == "" || o.Source != SourceDefault {
			t.Errorf("%+v is incomplete", o)
		}
		if o.Secret && o.Value != "" || strings.Contains(o.Value, "do-not-show") || o.Live && o.Secret {
			t.Errorf("%s shows a secret", o.Name)
		}
		if !o.Live {
			continue
		}
		if o.Value != o.Default {
			t.Errorf("%s: got %q as the value, want the default %q", o.Name, o.Value, o.Default)
		}
		again, wrong := c.With(map[string]string{o.Name: o.Value})
		if len(wrong) > 0 || again.Texts()[o.Name] != o.Value {
			t.Errorf("%s: %q is read as %q, %v", o.Name, o.Value, again.Texts()[o.Name], wrong)
		}
	}
}

func TestWith(t *testing.T) {
	c := Default()
	c.Mail.SMTP, c.Mail.From = "smtp.example.test:587", "parley@example.test"
	got, wrong := c.With(map[string]string{
		"upload.max-image": "2097152", "auth.passwords": "true", "chat.withdraw-window": "600s", "rate.send": "7.50", "auth.hidden": "code,mail", "language": "zh",
	})
	if len(wrong) > 0 {
		t.Fatal(wrong[0])
	}
	want := Default()
	want.Mail, want.Upload.MaxImage, want.Auth.Passwords, want.Chat.WithdrawWindow, want.Rate.Send = c.Mail, 2<<20, true, 600e9, 7.5
	want.Auth.Hidden, want.Language = []string{"code", "mail"}, "zh"
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	texts := got.Texts()
	for name, value := range map[string]string{
		"upload.max-image": "2MiB", "auth.passwords": "true", "chat.withdraw-window": "10m", "rate.send": "7.5", "auth.hidden": "code,mail",
	} {
		if text := texts[name]; text != value {
			t.Errorf("%s: got %q, want %q", name, text, value)
		}
	}
	if diff := cmp.Diff(c.Auth.Hidden, Default().Auth.Hidden); diff != "" || c.Language != "en" {
		t.Errorf("the original was changed:\n%s", diff)
	}
	if got, wrong := got.With(map[string]string{"auth.hidden": ""}); len(wrong) > 0 || len(got.Auth.Hidden) > 0 {
		t.Errorf("got %v %v, want an empty list", got.Auth.Hidden, wrong)
	}
}

// A value is refused for the same reason as in the configuration file.
func TestWithRefuses(t *testing.T) {
	c := Default()
	values := map[string]string{
		"name": "", "language": "fr", "time-zone": "Mars/Olympus", "auth.passwords": "perhaps", "auth.hidden": "code,nobody",
		"auth.min-password": "129", "upload.max-image": "0", "upload.max-file": "big", "chat.max-text": "-1", "chat.withdraw-window": "1",
		"rate.send": "-1", "rate.send-burst": "1.5", "rate.history": "NaN", "audit.keep": "1m", "auth.code-ttl": "721h", "none": "1",
	}
	_, wrong := c.With(values)
	var got []string
	for _, e := range wrong {
		if e.Reason == "" {
			t.Errorf("%s has no reason", e.Option)
		}
		got = append(got, e.Option)
	}
	slices.Sort(got)
	want := []string{
		"audit.keep", "auth.code-ttl", "auth.hidden", "auth.min-password", "auth.passwords", "chat.max-text", "chat.withdraw-window", "language", "name", "none",
		"rate.history", "rate.send", "rate.send-burst", "time-zone", "upload.max-file", "upload.max-image",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// Nobody is locked out by a value that is set while the server runs: a client cannot work with so few requests or so short a session.
func TestWithRefusesExtremes(t *testing.T) {
	c := Default()
	for _, one := range []struct{ name, value, want string }{
		{"token.ttl", "1s", "must be at least 1h, got 1s; 0: no limit"},
		{"token.ttl", "1ns", "must be at least 1h, got 1ns; 0: no limit"},
		{"token.ttl", "1h", ""},
		{"audit.keep", "23h", "must be at least 24h, got 23h"}, // 1h removed the traces of nearly everything
		{"audit.keep", "24h", ""},
		{"auth.min-password", "7", "must be at least 8, got 7"},
		{"auth.min-password", "8", ""},
		{"token.ttl", "0", ""},
		{"auth.fresh-sign-in", "25h", "must be at most 24h, got 25h"},
		{"rate.history", "0.000001", "must be at least 1, got 0.000001; 0: no limit"},
		{"rate.history-burst", "1", "must be at least 20, got 1"},
		{"rate.request", "Inf", "must be at most 1000000, got +Inf; 0: no limit"},
		{"rate.request", "NaN", "must be at least 1, got NaN; 0: no limit"},
		{"rate.request", "-1", "must be at least 1, got -1; 0: no limit"},
		{"rate.request", "0", ""},
		{"rate.send", "1e308", "must be at most 1000000, got 1" + strings.Repeat("0", 308) + "; 0: no limit"},
		{"chat.max-text", "99999999999", "must be at most 166496, got 99999999999"},
		{"chat.max-text", "166496", ""},
		{"upload.max-image", "1", "must be at least 1KiB, got 1"},
	} {
		_, wrong := c.With(map[string]string{one.name: one.value})
		got := ""
		if len(wrong) > 0 {
			got = wrong[0].Reason
		}
		if got != one.want || len(wrong) > 1 || len(wrong) == 1 && wrong[0].Option != one.name {
			t.Errorf("%s=%s: got %v, want %q", one.name, one.value, wrong, one.want)
		}
	}
	c.Rate.Request = math.Inf(1)
	if err := c.Validate(); err == nil || err.Error() != "rate.request: must be finite; 0: no limit" {
		t.Errorf("a start: got %v", err)
	}
}

// Every setting with a number has a range, its default is in it, and both ends can be set.
func TestRangesOfSettings(t *testing.T) {
	c := Default()
	all, err := c.Options()
	if err != nil {
		t.Fatal(err)
	}
	ranges := c.liveBounds()
	for _, o := range all {
		number := o.Type == TypeNumber || o.Type == TypeDecimal || o.Type == TypeSize || o.Type == TypeDuration
		b, ok := ranges[o.Name]
		if ok != (number && o.Live) {
			t.Errorf("%s: has a range: %v", o.Name, ok)
		}
		if !ok {
			continue
		}
		delete(ranges, o.Name)
		for _, value := range []string{o.Default, b.least, b.most} {
			if _, wrong := c.With(map[string]string{o.Name: value}); len(wrong) > 0 {
				t.Errorf("%s=%s: got %v", o.Name, value, wrong)
			}
		}
	}
	if len(ranges) > 0 {
		t.Errorf("there are no settings for %v", ranges)
	}
}
