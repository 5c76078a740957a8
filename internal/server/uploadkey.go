package server

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"parley/internal/auth"
	"parley/internal/blob"
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
		if err := keys.create(folder); !errors.Is(err, fs.ErrExist) {
			return keys, err
		}
		return readUploadKeys(folder) // another node that shares the folder was first
	}
	return keys, err
}

// create stores the keys in a folder without keys. If it has got keys meanwhile, it fails
// with [fs.ErrExist] and leaves them.
func (k uploadKeys) create(folder string) error {
	temporary, err := os.CreateTemp(folder, "upload.key.new-") // only its owner can read it
	if err != nil {
		return fmt.Errorf("upload key: %w", err)
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.WriteString(k.current + "\n")
	if err := errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return fmt.Errorf("upload key: %w", err)
	}
	// A link, unlike a renaming, never replaces a file.
	if err := os.Link(temporary.Name(), uploadKeyFile(folder)); errors.Is(err, fs.ErrExist) {
		return err
	} else if err == nil {
		return nil
	}
	// The file system has no links. Then several nodes must not make the first keys at the same time.
	return k.write(folder)
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

// RotateUploadKey gives the folder a new key for the signatures of uploads and addresses
// of files. Signatures of the previous key stay valid for the overlap; a negative overlap
// lasts until all of them have expired. Zero ends them at once. It returns the time until
// which the previous key is valid.
func (d *Data) RotateUploadKey(ctx context.Context, now time.Time, overlap time.Duration) (time.Time, error) {
	keys, err := openUploadKeys(d.config.Data)
	if err != nil {
		return time.Time{}, err
	}
	if overlap < 0 {
		overlap = max(d.config.Upload.LinkLife, d.config.Upload.Expiry)
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
	if err := next.write(d.config.Data); err != nil {
		return time.Time{}, err
	}
	if d.server != nil {
		d.server.uploads.use(next)
	}
	return until, d.store.SetUploadKey(ctx, fingerprint(next.current))
}

// rereadUploadKey makes the server use the keys that are in the file now. It never blocks.
func (s *Server) rereadUploadKey() {
	select {
	case s.otherKey <- struct{}{}:
	default:
	}
}

// keepUploadKey reads the keys again when they have changed, until ctx ends.
func (s *Server) keepUploadKey(ctx context.Context) {
	for {
		select {
		case <-s.otherKey:
		case <-ctx.Done():
			return
		}
		keys, err := readUploadKeys(s.config.Data)
		if err != nil {
			s.log.Error("upload.key has changed and could not be read; this server goes on with the previous key", "error", err)
			continue
		}
		if now := s.uploads.keys.Load(); now.current == keys.current && len(now.former) == len(keys.former) {
			continue
		}
		s.uploads.use(keys)
		s.log.Info("upload.key was read again", "fingerprint", fingerprint(keys.current))
	}
}

// fingerprint identifies an upload key in the database and in logs. The key cannot be
// computed from it.
func fingerprint(secret string) string {
	digest := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(digest[:8])
}

// comparison is the result of comparing the upload keys with the fingerprint in the
// database.
type comparison int

const (
	keySame    comparison = iota
	keyUnknown            // the database has no fingerprint
	keyRotated            // the fingerprint is that of a former key
	keyOther              // the fingerprint is that of a key which is not in the file
)

func (k uploadKeys) compare(stored string) comparison {
	switch {
	case stored == "":
		return keyUnknown
	case stored == fingerprint(k.current):
		return keySame
	case slices.ContainsFunc(k.former, func(f auth.FormerKey) bool { return stored == fingerprint(f.Secret) }):
		return keyRotated
	default:
		return keyOther
	}
}

// otherKey says what follows from keyOther, and keyRemedy what an operator can do.
const (
	otherKey = "it is not the key that this database was used with: addresses of files and signed-in devices that were given out are no longer valid"

	keyRemedy = "stop the server and restore upload.key from the backup of this database; or keep this key with parley upload-key rotate"
)

// checkUploadKey warns if the keys are not those that the database was used with, and
// stores the fingerprint at the first start. made: there was no file, and the key is new.
func (s *Server) checkUploadKey(ctx context.Context, keys uploadKeys, made bool) {
	file, current := uploadKeyFile(s.config.Data), fingerprint(keys.current)
	stored, err := s.store.UploadKey(ctx)
	if err != nil {
		s.log.Error("upload.key could not be compared with the database", "error", err)
		return
	}
	result := keys.compare(stored)
	if served, err := hasServed(ctx, s.chat); made && err == nil && (served || result == keyOther) {
		s.log.Warn("upload.key was missing and a new one was made: addresses of files that were given out are no longer valid, and devices are no longer known",
			"file", file)
	} else if result == keyOther {
		s.log.Warn("upload.key: "+otherKey, "file", file, "fingerprint", current, "expected", stored, "remedy", keyRemedy)
		return // the next start warns, too
	}
	if result == keySame {
		return
	}
	if err := s.store.SetUploadKey(ctx, current); err != nil {
		s.log.Error("the fingerprint of upload.key could not be stored", "error", err)
	}
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
