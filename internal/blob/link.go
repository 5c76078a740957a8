package blob

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Links signs addresses of files on this server. Who has one may fetch the file
// until it is over. It is safe for concurrent use.
type Links struct {
	Base   string // "" or scheme and host, without a slash at the end
	Secret []byte // of this installation
	Former []FormerSecret
	Life   time.Duration // an address is good for between half of it and all of it
	Now    func() time.Time

	changed atomic.Pointer[linkSecrets] // by SetSecrets; nil: Secret and Former are in force
}

type linkSecrets struct {
	current []byte
	former  []FormerSecret
}

// SetSecrets replaces Secret and Former.
func (l *Links) SetSecrets(current []byte, former []FormerSecret) {
	l.changed.Store(&linkSecrets{current, former})
}

func (l *Links) secrets() linkSecrets {
	if s := l.changed.Load(); s != nil {
		return *s
	}
	return linkSecrets{l.Secret, l.Former}
}

// FormerSecret no longer signs. The addresses that it has signed are valid until a
// time, unless they expire earlier.
type FormerSecret struct {
	Secret []byte
	Until  time.Time
}

// Address returns an address of the file. Within half of its life the same key
// has the same address, so that browsers find in their cache what they have seen.
func (l *Links) Address(key string) string {
	address, _ := l.Sign(key)
	return address
}

// Sign is [Links.Address] with the time at which the address is over.
func (l *Links) Sign(key string) (string, time.Time) {
	half := max(int64(l.Life/time.Second)/2, 1)
	expires := (l.now().Unix()/half + 2) * half
	e := strconv.FormatInt(expires, 10)
	return l.Base + "/files/" + escapeKey(key) + "?e=" + e + "&s=" + signLink(l.secrets().current, key, e), time.Unix(expires, 0)
}

// Verify reports whether the address of the key, with the values of e and s that
// stand in it, is genuine and not over.
func (l *Links) Verify(key, e, s string) bool {
	expires, err := strconv.ParseInt(e, 10, 64)
	now := l.now()
	if err != nil || strconv.FormatInt(expires, 10) != e || now.Unix() >= expires {
		return false
	}
	secrets := l.secrets()
	if hmac.Equal([]byte(s), []byte(signLink(secrets.current, key, e))) {
		return true
	}
	for _, f := range secrets.former {
		if now.Before(f.Until) && hmac.Equal([]byte(s), []byte(signLink(f.Secret, key, e))) {
			return true
		}
	}
	return false
}

func signLink(secret []byte, key, e string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(e + "\n" + key))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

func (l *Links) now() time.Time {
	if l.Now != nil {
		return l.Now()
	}
	return time.Now()
}

// escapeKey writes a key as the path of an address; its slashes stay.
func escapeKey(key string) string {
	for i := range len(key) {
		if c := key[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '/' && c != '-' && c != '.' && c != '_' {
			return strings.ReplaceAll(url.PathEscape(key), "%2F", "/")
		}
	}
	return key
}
