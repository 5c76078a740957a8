package config

import (
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
