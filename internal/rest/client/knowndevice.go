package client

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"
	"time"
)

// A known device is a browser that has signed in to an account before. It has a cookie that says so, with which it may try
// passwords, and codes of the second factor, when strangers have used up what the account allows. The cookie signs nobody in.
const (
	knownCookie = "parley_known"
	knownLife   = 180 * 24 * time.Hour
	maxKnown    = 8 // accounts of one browser
)

const signInPath = "/api/sign-in/"

// knownDevices makes and reads the cookie: entries joined by dots, the latest first. An entry is the time of the sign-in in Unix milliseconds
// and a MAC over that and the e-mail address; so a cookie does not tell whose it is.
type knownDevices struct {
	key    func() []byte
	path   string
	secure bool
}

// newKnownDevices makes a key that ends with the process when there is none.
func newKnownDevices(key func() []byte, path string, secure bool) *knownDevices {
	if key == nil {
		made := make([]byte, 32)
		rand.Read(made) // never fails
		key = func() []byte { return made }
	}
	return &knownDevices{key: key, path: path + signInPath, secure: secure}
}

const (
	knownBytes = 8 + 16
	knownText  = knownBytes / 3 * 4
)

func (k *knownDevices) entry(email string, at time.Time) string {
	b := make([]byte, 8, 8+sha256.Size)
	binary.BigEndian.PutUint64(b, uint64(at.UnixMilli()))
	h := hmac.New(sha256.New, k.key())
	h.Write(b)
	h.Write([]byte(email))
	return base64.RawURLEncoding.EncodeToString(h.Sum(b)[:knownBytes])
}

// since returns the entry of the e-mail address and when it was made; ok is false where there is none.
func (k *knownDevices) since(cookies, email string, now time.Time) (entry string, at time.Time, ok bool) {
	for _, entry := range entriesOf(cookies) {
		b, err := base64.RawURLEncoding.DecodeString(entry)
		if err != nil || len(b) != knownBytes {
			continue
		}
		at := time.UnixMilli(int64(binary.BigEndian.Uint64(b)))
		if hmac.Equal([]byte(entry), []byte(k.entry(email, at))) && now.Before(at.Add(knownLife)) {
			return entry, at, true
		}
	}
	return "", time.Time{}, false
}

// add returns the cookie with an entry for the e-mail address, in place of an older one; empty where there is no address.
// secure says that the request came by https.
func (k *knownDevices) add(cookies, email string, now time.Time, secure bool) string {
	if email == "" {
		return ""
	}
	entries := []string{k.entry(email, now)}
	old, _, _ := k.since(cookies, email, now)
	for _, entry := range entriesOf(cookies) {
		if entry != old && len(entries) < maxKnown {
			entries = append(entries, entry)
		}
	}
	c := http.Cookie{
		Name: knownCookie, Value: strings.Join(entries, "."), Path: k.path, MaxAge: int(knownLife / time.Second),
		HttpOnly: true, Secure: k.secure || secure, SameSite: http.SameSiteStrictMode,
	}
	return c.String()
}

func entriesOf(header string) []string {
	cookies, err := http.ParseCookie(header)
	if err != nil {
		return nil
	}
	var entries []string
	for _, c := range cookies {
		if c.Name != knownCookie {
			continue
		}
		for entry := range strings.SplitSeq(c.Value, ".") {
			if len(entry) == knownText && len(entries) < maxKnown {
				entries = append(entries, entry)
			}
		}
	}
	return entries
}
