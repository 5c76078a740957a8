package auth

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// PutPolicy has the permissions of an upload token of Qiniu Kodo. Names and units are
// those of that service.
type PutPolicy struct {
	Scope           string `json:"scope"`                     // bucket, bucket:key, or bucket:prefix
	IsPrefixalScope int    `json:"isPrefixalScope,omitempty"` // 1: Scope ends in a prefix of keys
	Deadline        int64  `json:"deadline"`                  // Unix seconds
	IssuedAt        int64  `json:"issuedAt,omitempty"`        // Unix seconds; an addition of this server, which the service ignores
	InsertOnly      int    `json:"insertOnly,omitempty"`      // 1: never overwrite
	EndUser         string `json:"endUser,omitempty"`
	ReturnBody      string `json:"returnBody,omitempty"`
	FsizeLimit      int64  `json:"fsizeLimit,omitempty"` // bytes
	DetectMime      int    `json:"detectMime,omitempty"` // 1: detect the type from the content and ignore the type that the client sent
	MimeLimit       string `json:"mimeLimit,omitempty"`  // "image/*;video/*", "!text/html"
}

// Permits reports whether the policy allows storing an object with the key in the bucket.
func (p *PutPolicy) Permits(bucket, key string) bool {
	scopeBucket, scopeKey, found := strings.Cut(p.Scope, ":")
	switch {
	case scopeBucket != bucket || key == "":
		return false
	case !found:
		return true
	case p.IsPrefixalScope == 1:
		return strings.HasPrefix(key, scopeKey)
	default:
		return key == scopeKey
	}
}

// PermitsType reports whether MimeLimit allows files of the type. MimeLimit is a list of
// types and of prefixes of types ("image/*"); after a "!", it lists the refused ones.
func (p *PutPolicy) PermitsType(mime string) bool {
	list, refused := strings.CutPrefix(p.MimeLimit, "!")
	if list == "" {
		return true
	}
	for t := range strings.SplitSeq(list, ";") {
		family, whole := strings.CutSuffix(t, "/*")
		if t == mime || whole && strings.HasPrefix(mime, family+"/") {
			return !refused
		}
	}
	return refused
}

// Pictures reports whether MimeLimit allows only pictures.
func (p *PutPolicy) Pictures() bool {
	if p.MimeLimit == "" {
		return false
	}
	for t := range strings.SplitSeq(p.MimeLimit, ";") {
		if !strings.HasPrefix(t, "image/") {
			return false
		}
	}
	return true
}

// QiniuKey is the access key and the secret key of an account of the storage service.
type QiniuKey struct{ Access, Secret string }

// Sign returns the upload token of the policy:
//
//	AccessKey ":" urlsafe64(HMAC-SHA1(SecretKey, P)) ":" P,  P = urlsafe64(JSON policy)
//
// with base64 padding.
func (k QiniuKey) Sign(p PutPolicy) (string, error) {
	if k.Access == "" || k.Secret == "" {
		return "", errors.New("auth: no keys to sign an upload with")
	}
	policy, err := marshalPolicy(p)
	if err != nil {
		return "", err
	}
	encoded := base64.URLEncoding.EncodeToString(policy)
	return k.Access + ":" + k.digest(encoded) + ":" + encoded, nil
}

// Verify returns the policy of a token that was signed with these keys and has not
// expired. Otherwise it returns [ErrExpired] or [ErrInvalid].
func (k QiniuKey) Verify(token string, now time.Time) (PutPolicy, error) {
	access, rest, _ := strings.Cut(token, ":")
	digest, encoded, ok := strings.Cut(rest, ":")
	if !ok || k.Secret == "" || !SameSecret(access, k.Access) ||
		subtle.ConstantTimeCompare([]byte(digest), []byte(k.digest(encoded))) != 1 {
		return PutPolicy{}, ErrInvalid
	}
	policy, err := base64.URLEncoding.DecodeString(encoded)
	if err != nil {
		return PutPolicy{}, ErrInvalid
	}
	var p PutPolicy
	if err := json.Unmarshal(policy, &p); err != nil || p.Scope == "" {
		return PutPolicy{}, ErrInvalid
	}
	if now.Unix() > p.Deadline {
		return PutPolicy{}, ErrExpired
	}
	return p, nil
}

func (k QiniuKey) digest(encoded string) string {
	mac := hmac.New(sha1.New, []byte(k.Secret)) // the service prescribes SHA-1
	mac.Write([]byte(encoded))
	return base64.URLEncoding.EncodeToString(mac.Sum(nil))
}

// marshalPolicy returns the JSON of the token without HTML escapes. The service would
// accept them, but no other signer writes them.
func marshalPolicy(p PutPolicy) ([]byte, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(p); err != nil {
		return nil, fmt.Errorf("auth: upload policy: %w", err)
	}
	return []byte(strings.TrimSuffix(b.String(), "\n")), nil
}
