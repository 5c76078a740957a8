package auth

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// UploadKind is the kind of an upload, with the numbers of the clients.
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

// returnBody is the answer of the storage service to the uploader. If a policy has a
// return body, the service returns only the fields in it. These are the fields that
// clients read.
const returnBody = `{"key":$(key),"hash":$(etag),"name":$(fname),"size":$(fsize),"mimeType":$(mimeType),"width":$(imageInfo.width),"height":$(imageInfo.height),` +
	`"fileExt":$(ext),"x:fileExt":$(x:fileExt),"x:fileName":$(x:fileName),"x:filePath":$(x:filePath),"x:serverName":$(x:serverName),"x:originalFileName":$(x:originalFileName)}`

// imageTypes are the types that every browser shows. "image/*" would also allow SVG,
// which can contain scripts, and formats of photos that only some phones can show.
const imageTypes = "image/jpeg;image/png;image/gif;image/webp"

// FormerKey is a secret that no longer signs. Its signatures are valid until a
// time.
type FormerKey struct {
	Secret string
	Until  time.Time
}

// Uploads signs upload tokens. It is safe for concurrent use.
type Uploads struct {
	Keys                                  QiniuKey
	Former                                []FormerKey // of the same access key
	IssuedAt                              bool        // tokens contain the time of issue, for a server that checks its own tokens
	Bucket                                string
	Expiry                                time.Duration
	MaxImage, MaxFile, MaxVoice, MaxVideo int64 // bytes
	Zone                                  *time.Location
	Live                                  func() UploadLimits // nil: the limits and the zone above do not change
	Now                                   func() time.Time    // nil: the clock

	changed atomic.Pointer[uploadSecrets] // by SetSecrets; nil: Keys and Former are in force
}

type uploadSecrets struct {
	keys   QiniuKey
	former []FormerKey
}

// SetSecrets replaces the secret of Keys, and Former.
func (u *Uploads) SetSecrets(secret string, former []FormerKey) {
	u.changed.Store(&uploadSecrets{QiniuKey{u.Keys.Access, secret}, former})
}

func (u *Uploads) secrets() uploadSecrets {
	if s := u.changed.Load(); s != nil {
		return *s
	}
	return uploadSecrets{u.Keys, u.Former}
}

// UploadLimits are the maximum sizes of files, in bytes, and the zone of the days in keys.
type UploadLimits struct {
	MaxImage, MaxFile, MaxVoice, MaxVideo int64
	Zone                                  *time.Location
}

// Grant is the permission to upload into the folder of Key, which is the proposed key.
type Grant struct {
	Token   string
	Key     string
	Max     int64 // maximum size of the file in bytes
	Expires time.Time
}

// Grant signs an upload of the account. The key is
// <account>/<year>/<month>/<day>/<unique>[.ext], with month and day without leading
// zeros. The token is valid only for the folder of that day, and an upload never
// overwrites a file. The extension may be empty; only its letters and digits are used.
func (u *Uploads) Grant(account string, kind UploadKind, ext string) (Grant, error) {
	now := u.now()
	limits := UploadLimits{u.MaxImage, u.MaxFile, u.MaxVoice, u.MaxVideo, u.Zone}
	if u.Live != nil {
		limits = u.Live()
	}
	zone := limits.Zone
	if zone == nil {
		zone = time.UTC
	}
	var limit int64
	mime := ""
	switch kind {
	case UploadImage:
		limit, mime = limits.MaxImage, imageTypes
	case UploadFile:
		limit = limits.MaxFile
	case UploadVoice:
		// Recorders name the type of their format as audio, as video, or not at all.
		limit, mime = limits.MaxVoice, "audio/*;video/*;application/octet-stream"
	case UploadVideo:
		limit, mime = limits.MaxVideo, "video/*"
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
	token, err := u.secrets().keys.Sign(PutPolicy{
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

// grantedKey matches the keys of all grants. A client that does not use the proposed key
// chooses the last part.
var grantedKey = regexp.MustCompile(`^[^/]+/[0-9]{4}/[1-9][0-9]?/[1-9][0-9]?/.`)

// Granted reports whether a key has the form of the keys that [Uploads.Grant] permits.
func (u *Uploads) Granted(key string) bool { return grantedKey.MatchString(key) }

// Verify returns the policy of a token for a key. Signatures of former keys that are still
// valid are accepted. It returns the errors of [QiniuKey.Verify], and [ErrInvalid] for a token
// of another folder and for a key whose normalized address is in another folder.
func (u *Uploads) Verify(token, key string) (PutPolicy, error) {
	now := u.now()
	secrets := u.secrets()
	p, err := secrets.keys.Verify(token, now)
	for _, f := range secrets.former {
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
