package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"parley/internal/auth"
	"parley/internal/blob"
	"parley/internal/config"
)

// uploadKeys sign uploads to this server and addresses of files. They are in the
// file upload.key of the data folder: the first line is the key that signs, and
// each further one a key that signed before, a space, and the time until which what
// it signed is good (RFC 3339).
type uploadKeys struct {
	current string
	former  []auth.FormerKey
}

func uploadKeyFile(folder string) string { return filepath.Join(folder, "upload.key") }

// openUploadKeys reads the keys and makes the first one where there is none. The
// caller holds the folder.
func openUploadKeys(folder string) (uploadKeys, error) {
	keys, err := readUploadKeys(folder)
	if errors.Is(err, fs.ErrNotExist) {
		keys = uploadKeys{current: auth.NewSecret()}
		return keys, keys.write(folder)
	}
	return keys, err
}

// readUploadKeys reads the keys; without the file it fails with [fs.ErrNotExist].
func readUploadKeys(folder string) (uploadKeys, error) {
	name := uploadKeyFile(folder)
	text, err := os.ReadFile(name)
	if err != nil {
		return uploadKeys{}, fmt.Errorf("upload key: %w", err)
	}
	first, others, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	keys := uploadKeys{current: strings.TrimSpace(first)}
	if keys.current == "" {
		return uploadKeys{}, fmt.Errorf("%s is empty; restore it from a backup. Without a backup, remove it: a new key is made, and addresses of files and signed-in devices that were given out are no longer valid", name)
	}
	if !isKey(keys.current) {
		return uploadKeys{}, fmt.Errorf("%s: line 1 must be %s; restore the file from a backup", name, keyForm)
	}
	for i, line := range strings.Split(others, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		// The text is not shown: it may be a key.
		key, until, _ := strings.Cut(line, " ")
		at, err := time.Parse(time.RFC3339, strings.TrimSpace(until))
		if err != nil {
			return uploadKeys{}, fmt.Errorf("%s: line %d must be a key, a space, and the time until which it is good (RFC 3339)", name, i+2)
		}
		if !isKey(key) {
			return uploadKeys{}, fmt.Errorf("%s: line %d must begin with a key, which is %s", name, i+2, keyForm)
		}
		keys.former = append(keys.former, auth.FormerKey{Secret: key, Until: at})
	}
	return keys, nil
}

const (
	minKey  = 32
	keyForm = "at least 32 letters, digits, - or _"
)

// isKey reports whether the text has the form of a key. Keys of [auth.NewSecret] have 43 characters.
func isKey(text string) bool {
	return len(text) >= minKey && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}

// write stores the keys: beside the file and renamed, so that an interrupted write
// leaves the old keys.
func (k uploadKeys) write(folder string) error {
	var text strings.Builder
	text.WriteString(k.current + "\n")
	for _, f := range k.former {
		text.WriteString(f.Secret + " " + f.Until.UTC().Format(time.RFC3339) + "\n")
	}
	temporary := uploadKeyFile(folder) + ".new"
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("upload key: %w", err)
	}
	_, err = f.WriteString(text.String())
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("upload key: %w", err)
	}
	if err := os.Rename(temporary, uploadKeyFile(folder)); err != nil {
		return fmt.Errorf("upload key: %w", err)
	}
	return nil
}

// RotateUploadKey gives the data folder, which the caller holds, a new key to sign
// uploads and addresses of files with. Signatures of the previous key stay valid
// for the overlap; a negative overlap lasts until all of them have expired. Zero
// ends them at once. It returns the time until which the previous key is valid.
func RotateUploadKey(c config.Config, now time.Time, overlap time.Duration) (time.Time, error) {
	keys, err := openUploadKeys(c.Data)
	if err != nil {
		return time.Time{}, err
	}
	if overlap < 0 {
		overlap = max(c.Upload.LinkLife, c.Upload.Expiry)
	}
	// The file has whole seconds, and what is signed now must not be over too early.
	until := now.Add(overlap).Truncate(time.Second).Add(time.Second)
	next := uploadKeys{current: auth.NewSecret()}
	if overlap > 0 {
		next.former = []auth.FormerKey{{Secret: keys.current, Until: until}}
		for _, f := range keys.former {
			if now.Before(f.Until) {
				next.former = append(next.former, f)
			}
		}
	} else {
		until = now
	}
	return until, next.write(c.Data)
}

// linkKey is the key of addresses that is derived from an upload key.
func linkKey(secret string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("addresses of files"))
	return mac.Sum(nil)
}

func (k uploadKeys) formerLinkKeys() []blob.FormerSecret {
	var former []blob.FormerSecret
	for _, f := range k.former {
		former = append(former, blob.FormerSecret{Secret: linkKey(f.Secret), Until: f.Until})
	}
	return former
}

// deviceKey is the key of the cookies of known devices that is derived from an upload key.
func deviceKey(secret string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("known devices"))
	return mac.Sum(nil)
}
