package auth

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
)

// UploadKind is what is going to be uploaded, as clients number it.
type UploadKind int

// The kinds of upload.
const (
	UploadImage UploadKind = 1
	UploadFile  UploadKind = 2
	UploadVoice UploadKind = 3
	UploadVideo UploadKind = 4
)

// ErrUploadKind refuses a kind that does not exist.
var ErrUploadKind = errors.New("auth: no such kind of upload")

// maxKey is the storage service's limit for a key, in bytes.
const maxKey = 750

// returnBody is what the storage service answers to the uploader. A service that
// is given a body returns no fields of the uploader's own but those that are
// named: these are the ones that clients read.
const returnBody = `{"key":$(key),"hash":$(etag),"name":$(fname),"size":$(fsize),"mimeType":$(mimeType),"width":$(imageInfo.width),"height":$(imageInfo.height),` +
	`"fileExt":$(ext),"x:fileExt":$(x:fileExt),"x:fileName":$(x:fileName),"x:filePath":$(x:filePath),"x:serverName":$(x:serverName),"x:originalFileName":$(x:originalFileName)}`

// imageTypes are what every browser shows. "image/*" would let in drawings that
// are programs (SVG), and photos that only the phone that took them can show.
const imageTypes = "image/jpeg;image/png;image/gif;image/webp"

// FormerKey is a secret that no longer signs. Its signatures are valid until a
// time.
type FormerKey struct {
	Secret string
	Until  time.Time
}

// Uploads hands out the permission to upload a file. Safe for concurrent use.
type Uploads struct {
	Keys                                  QiniuKey
	Former                                []FormerKey // of the same access key
	IssuedAt                              bool        // tokens say when they were issued: they come back to this server
	Bucket                                string
	Expiry                                time.Duration
	MaxImage, MaxFile, MaxVoice, MaxVideo int64 // bytes
	Zone                                  *time.Location
	Now                                   func() time.Time // nil: the clock
}

// Grant is the permission to upload below the key's folder, and a key proposed.
type Grant struct {
	Token   string
	Key     string
	Max     int64 // bytes that the file may have
	Expires time.Time
}

// Grant signs an upload of the account. Its key is
// <account>/<year>/<month>/<day>/<unique>[.ext], months and days without a
// leading zero, and the token is good for that day's folder alone and never
// overwrites. The extension may be empty; letters and digits are kept of it.
func (u *Uploads) Grant(account string, kind UploadKind, ext string) (Grant, error) {
	now := u.now()
	zone := u.Zone
	if zone == nil {
		zone = time.UTC
	}
	var limit int64
	mime := ""
	switch kind {
	case UploadImage:
		limit, mime = u.MaxImage, imageTypes
	case UploadFile:
		limit = u.MaxFile
	case UploadVoice:
		// Recorders name their format as sound, as film or not at all.
		limit, mime = u.MaxVoice, "audio/*;video/*;application/octet-stream"
	case UploadVideo:
		limit, mime = u.MaxVideo, "video/*"
	default:
		return Grant{}, ErrUploadKind
	}
	if account == "" || strings.Contains(account, "/") {
		return Grant{}, fmt.Errorf("auth: %q cannot name a folder", account)
	}

	day := now.In(zone)
	folder := fmt.Sprintf("%s/%d/%d/%d/", account, day.Year(), day.Month(), day.Day())
	unique, err := uuid.NewV7()
	if err != nil {
		return Grant{}, fmt.Errorf("auth: %w", err)
	}
	key := folder + strings.ReplaceAll(unique.String(), "-", "")
	if ext = cleanExtension(ext); ext != "" {
		key += "." + ext
	}
	if len(key) > maxKey {
		return Grant{}, fmt.Errorf("auth: a key of %d bytes is longer than %d", len(key), maxKey)
	}

	expires := now.Add(u.Expiry)
	var issued int64
	if u.IssuedAt {
		issued = now.Unix()
	}
	token, err := u.Keys.Sign(PutPolicy{
		Scope:           u.Bucket + ":" + folder,
		IsPrefixalScope: 1,
		Deadline:        expires.Unix(),
		IssuedAt:        issued,
		InsertOnly:      1,
		EndUser:         account,
		ReturnBody:      returnBody,
		FsizeLimit:      limit,
		DetectMime:      1,
		MimeLimit:       mime,
	})
	if err != nil {
		return Grant{}, err
	}
	return Grant{Token: token, Key: key, Max: limit, Expires: time.Unix(expires.Unix(), 0)}, nil
}

// grantedKey matches the keys of all grants. The last part is the client's own if
// it does not use the proposed key.
var grantedKey = regexp.MustCompile(`^[^/]+/[0-9]{4}/[1-9][0-9]?/[1-9][0-9]?/.`)

// Granted reports whether a key has the form of those that [Uploads.Grant] gives leave for.
func (u *Uploads) Granted(key string) bool { return grantedKey.MatchString(key) }

// Verify returns the policy of a token for a key; a former key may have signed it. It
// refuses what [QiniuKey.Verify] refuses, and with [ErrInvalid] a token of another folder and a
// key that whoever tidies up its address would take for one of another folder.
func (u *Uploads) Verify(token, key string) (PutPolicy, error) {
	now := u.now()
	p, err := u.Keys.Verify(token, now)
	for _, f := range u.Former {
		if errors.Is(err, ErrInvalid) && now.Before(f.Until) {
			p, err = QiniuKey{u.Keys.Access, f.Secret}.Verify(token, now)
		}
	}
	if err != nil {
		return PutPolicy{}, err
	}
	if !p.Permits(u.Bucket, key) || len(key) > maxKey || path.Clean(key) != key {
		return PutPolicy{}, ErrInvalid
	}
	return p, nil
}

func (u *Uploads) now() time.Time {
	if u.Now != nil {
		return u.Now()
	}
	return time.Now()
}

func cleanExtension(ext string) string {
	ext = strings.ToLower(strings.TrimPrefix(ext, "."))
	if len(ext) > 16 {
		return ""
	}
	for _, r := range ext {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return ""
		}
	}
	return ext
}
