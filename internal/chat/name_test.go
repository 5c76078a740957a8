package chat_test

import (
	"strings"
	"testing"

	"parley/internal/chat"
)

// Names of blank letters were taken, and names that looked like another one's because a character in them cannot be seen.
func TestNamesThatCannotBeRead(t *testing.T) {
	w := newWorld(t)
	for name, why := range map[string]string{
		"\u3164":                         "must be one line that can be read, without U+3164",
		"\u115f\u1160":                   "must be one line that can be read, without U+115F",
		"\uffa0":                         "must be one line that can be read, without U+FFA0",
		"\u2800\u2800":                   "must be one line that can be read, without U+2800",
		"\u200b":                         "must be one line that can be read, without U+200B",
		"Al\u200bice":                    "must be one line that can be read, without U+200B",
		"Alice\u2060x":                   "must be one line that can be read, without U+2060",
		"\ufeffAlice":                    "must be one line that can be read, without U+FEFF",
		"Al\u00adice":                    "must be one line that can be read, without U+00AD",
		"Alice\u200d":                    "must be one line that can be read, without U+200D",
		"Al\u200cice":                    "must be one line that can be read, without U+200C",
		"\u200fAlice":                    "must be one line that can be read, without U+200F",
		"Alice\u061c":                    "must be one line that can be read, without U+061C",
		"Alice\u034f":                    "must be one line that can be read, without U+034F",
		"Alice\ufe0f":                    "must be one line that can be read, without U+FE0F",
		"Alice1\ufe0f":                   "must be one line that can be read, without U+FE0F",
		"\u0639\u0644\u06cc\u200c":       "must be one line that can be read, without U+200C",
		"\u0631\u200c\u0636\u0627":       "must be one line that can be read, without U+200C",
		"\u0645\u06cc\u200c x":           "must be one line that can be read, without U+200C",
		"\u0930\u093e\u092e\u200d":       "must be one line that can be read, without U+200D",
		"\U0001d159":                     "must be one line that can be read, without U+1D159",
		"a\U00013441":                    "must be one line that can be read, without U+13441",
		"a\U00016fe4":                    "must be one line that can be read, without U+16FE4",
		"Alice\U000e0041\U000e0042":      "must be one line that can be read, without U+E0041",
		"\U0001f3f4\U000e0067\u0041":     "must be one line that can be read, without U+E0067",
		"\U0001f600\U000e0067\U000e007f": "must be one line that can be read, without U+E0067",
		"\U0001f3f4" + strings.Repeat("\U000e0061", 7) + "\U000e007f": "must be one line that can be read, without U+E0061",
		"Alice\ufffe":                      "must be one line that can be read, without U+FFFE",
		"Alice\ufffc":                      "must be one line that can be read, without U+FFFC",
		"Alice\u2063x":                     "must be one line that can be read, without U+2063",
		"\u0301\u0302":                     "must not begin with a combining mark, U+0301",
		"\u0301Alice":                      "must not begin with a combining mark, U+0301",
		"Z" + strings.Repeat("\u0316", 11): "must have at most 10 combining marks on one character",
		"\ue000":                           "must have a character that can be seen",
		"\u3000\u00a0":                     "is required",
		"Alice\xff":                        "must be valid UTF-8",
	} {
		_, err := w.UpdateProfile(w.ctx, by(alice), chat.ProfilePatch{Name: &name})
		refused(t, name, err, "invalid payload: name "+why)
	}

	for name, stored := range map[string]string{
		"  Zoe\u3000":              "Zoe",
		"Zoe\u0308":                "Zo\u00eb", // the same name, composed
		"山田\u3000太郎":               "山田 太郎",
		"A \u2009\u202f\u1680 b":   "A b",
		"张\U000e0101三\ufe00":       "张三",
		"\u0915\u094d\u200d\u0937": "\u0915\u094d\u200d\u0937",
		"\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", // Persian
		"\u0d28\u0d4d\u200d":               "\u0d28\u0d4d\u200d",         // Malayalam
		"\U0001f469\u200d\U0001f4bb":       "\U0001f469\u200d\U0001f4bb", // a woman with a computer
		"Zoe \u2764\ufe0f\u200d\U0001f525": "Zoe \u2764\ufe0f\u200d\U0001f525",
		"\U0001f642\u200d\u2194\ufe0f":     "\U0001f642\u200d\u2194\ufe0f",
		"1\ufe0f\u20e3":                    "1\ufe0f\u20e3",
		"\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f": "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", // Scotland
		"葛\U000e0100城":                   "葛城",
		"\u05e9\u05c1\u05b8":             "\u05e9\u05b8\u05c1", // Hebrew, in the order of the normal form
		"김민준":                            "김민준",
		"...":                            "...",
		strings.Repeat("x", 200) + "   ": strings.Repeat("x", 200), // the length is that of what is stored
	} {
		p, err := w.UpdateProfile(w.ctx, by(alice), chat.ProfilePatch{Name: &name})
		if err != nil || p.Name != stored {
			t.Errorf("%+q: got %+q, %v, want %+q", name, p.Name, err, stored)
		}
	}
}

// The rule is the same wherever people see a name.
func TestEveryNameIsChecked(t *testing.T) {
	w := newWorld(t)
	const blank, why = "\u3164", "must be one line that can be read, without U+3164"
	_, err := w.CreateAccount(w.ctx, chat.Account{Name: blank})
	refused(t, "account", err, "invalid payload: name "+why)
	_, err = w.CreateGroup(w.ctx, by(alice), chat.NewGroup{Name: blank, Creator: alice})
	refused(t, "group", err, "invalid payload: name "+why)
	g := must(w.CreateGroup(w.ctx, by(alice), chat.NewGroup{Name: " Team ", Creator: alice}))(t)
	if g.Name != "Team" {
		t.Errorf("got the group's name %q, want it without spaces around", g.Name)
	}
	name := blank
	_, err = w.UpdateGroup(w.ctx, by(alice), g.ID, chat.GroupPatch{Name: &name})
	refused(t, "group renamed", err, "invalid payload: name "+why)
	_, err = w.CreateOrganization(w.ctx, chat.Organization{Name: blank})
	refused(t, "organization", err, "invalid payload: name "+why)
	o := must(w.CreateOrganization(w.ctx, chat.Organization{Name: "O"}))(t)
	_, err = w.UpdateOrganization(w.ctx, o.ID, chat.OrganizationPatch{Name: new(blank)})
	refused(t, "organization renamed", err, "invalid payload: name "+why)
	_, err = w.CreateApplication(w.ctx, "", chat.Application{Name: blank})
	refused(t, "application", err, "invalid payload: name "+why)
	app := must(w.CreateApplication(w.ctx, "", chat.Application{Name: "A"}))(t)
	_, err = w.UpdateApplication(w.ctx, "", app.ID, chat.ApplicationPatch{Name: &name})
	refused(t, "application renamed", err, "invalid payload: name "+why)
	_, _, err = w.IssueToken(w.ctx, chat.NewToken{Account: alice, Label: blank})
	refused(t, "device", err, "invalid payload: label "+why)
	_, _, err = w.Notify(w.ctx, chat.NewNotification{Category: "system", Type: "x", Text: "x", Name: blank, Accounts: []chat.AccountID{alice}})
	refused(t, "notification", err, "invalid payload: name "+why)
}

func TestPlainText(t *testing.T) {
	for text, want := range map[string]string{
		"photo\u202egpj.exe":             "photogpj.exe",
		" a\tb\r\n":                      "ab",
		"\u3164\u200b":                   "",
		"\u0301x":                        "x",
		"\U0001f469\u200d\U0001f4bb.png": "\U0001f469\u200d\U0001f4bb.png",
		"x\xff":                          "x",
	} {
		if got := chat.PlainText(text); got != want {
			t.Errorf("%+q: got %+q, want %+q", text, got, want)
		}
	}
}

// Addresses were stored as they came, with line breaks and angle brackets, which are another line or another receiver in
// the header of a mail.
func TestEmailAddresses(t *testing.T) {
	w := newWorld(t)
	for email, why := range map[string]string{
		"a@example.test\r\nBcc: b@example.test": "without @ before the @", // the last @ counts
		"a@example.test\r\nX":                   "without U+000D behind the @",
		"a\n@example.test":                      "without U+000A before the @",
		"<a@example.test>":                      "without < before the @",
		"Anna <a@example.test>":                 "without U+0020 before the @",
		"\"a b\"@example.test":                  "without \" before the @",
		"a@example.test, b@example.test":        "without @ before the @",
		"a@example.test (Anna)":                 "without U+0020 behind the @",
		"a@@example.test":                       "without @ before the @",
		"a@[127.0.0.1]":                         "without [ behind the @",
		"a\u200b@example.test":                  "without U+200B before the @",
		"\u202ea@example.test":                  "without U+202E before the @",
		"\u3164@example.test":                   "without U+3164 before the @",
		"a@exam\u00adple.test":                  "without U+00AD behind the @",
		"a@exam_ple.test":                       "without _ behind the @",
	} {
		_, err := w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Email: &email})
		refused(t, email, err, "invalid payload: email must be a bare e-mail address like anna@example.test, "+why)
	}
	for email, why := range map[string]string{
		"anna":              "must be an e-mail address like anna@example.test",
		"@example.test":     "must have words between dots before the @",
		"a..b@example.test": "must have words between dots before the @",
		".a@example.test":   "must have words between dots before the @",
		"a@":                "must have the name of a host behind the @",
		"a@example..test":   "must have the name of a host behind the @",
		"a@-example.test":   "must have the name of a host behind the @",
		strings.Repeat("a", 65) + "@example.test": "must have at most 64 bytes before the @",
		"a@" + strings.Repeat("b", 64) + ".test":  "must have the name of a host behind the @",
		"a@" + strings.Repeat("bbbbbbb.", 32):     "must be at most 254 bytes",
	} {
		_, err := w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Email: &email})
		refused(t, email, err, "invalid payload: email "+why)
	}
	for email, stored := range map[string]string{
		" Anna.B+chat@Example.TEST ": "Anna.B+chat@example.test",
		"o'neil@example.test":        "o'neil@example.test",
		"anna@intranet":              "anna@intranet",
		"anna@Bu\u0308cher.example":  "anna@b\u00fccher.example",
		"a@\uff42.test":              "a@b.test", // full width
		"a@b\u3002test":              "a@b.test",
		"用户@例子.公司":                   "用户@例子.公司",
		"":                           "",
	} {
		a, err := w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Email: &email})
		if err != nil || a.Email != stored {
			t.Errorf("%q: got %q, %v, want %q", email, a.Email, err, stored)
		}
	}
}
