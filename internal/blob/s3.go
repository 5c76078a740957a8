package blob

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// S3 signs uploads to and downloads from a bucket of an S3-compatible storage
// service, by Signature Version 4. Safe for concurrent use.
type S3 struct {
	Access, Secret string
	Endpoint       *url.URL // of the service, without the bucket
	Region         string
	Bucket         string
	PathStyle      bool // the bucket stands in the path and not before the host
	Now            func() time.Time
}

const (
	amzAlgorithm = "AWS4-HMAC-SHA256"
	amzTime      = "20060102T150405Z"
)

// Post is a form that a client posts to Address, with its fields as given and the
// file as the last one, named file.
type Post struct {
	Address string
	Fields  map[string]string
}

// Post signs a form by which one file of the key and of at most so many bytes can
// be uploaded until expires. Its Content-Type is that of the key's ending.
func (s *S3) Post(key string, most int64, expires time.Time) (Post, error) {
	now := s.now()
	fields := map[string]string{
		"key":                   key,
		"Content-Type":          typeOfKey(key),
		"success_action_status": "201",
		"x-amz-algorithm":       amzAlgorithm,
		"x-amz-credential":      s.Access + "/" + s.scope(now),
		"x-amz-date":            now.Format(amzTime),
	}
	conditions := []any{map[string]string{"bucket": s.Bucket}, []any{"content-length-range", 0, most}}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		conditions = append(conditions, map[string]string{name: fields[name]})
	}
	policy, err := json.Marshal(map[string]any{
		"expiration": expires.UTC().Format("2006-01-02T15:04:05.000Z"),
		"conditions": conditions,
	})
	if err != nil {
		return Post{}, fmt.Errorf("blob: %w", err)
	}
	fields["policy"] = base64.StdEncoding.EncodeToString(policy)
	fields["x-amz-signature"] = s.sign(now, fields["policy"])
	return Post{s.bucket().String(), fields}, nil
}

// Address returns an address of the file that works until expires, at most seven
// days. The service answers with the type of the key's ending, whatever was
// uploaded, and as an attachment where that may not be shown in place or is asked to be saved.
func (s *S3) Address(key, name string, save bool, expires time.Time) string {
	t := typeOfKey(key)
	if name == "" {
		name = baseName(key)
	}
	return s.get(key, url.Values{
		"response-content-type":        {t},
		"response-content-disposition": {Disposition(t, name, save)},
	}, expires)
}

// get signs a GET, and request any other request, as "Authenticating Requests: Using Query Parameters" of the
// service's manual says.
func (s *S3) get(key string, query url.Values, expires time.Time) string {
	return s.request(http.MethodGet, key, query, expires)
}

func (s *S3) request(method, key string, query url.Values, expires time.Time) string {
	now := s.now()
	u := s.bucket()
	u.Path = strings.TrimSuffix(u.Path, "/") + "/" + key
	life := max(int64(expires.Sub(now)/time.Second), 1)
	query.Set("X-Amz-Algorithm", amzAlgorithm)
	query.Set("X-Amz-Credential", s.Access+"/"+s.scope(now))
	query.Set("X-Amz-Date", now.Format(amzTime))
	query.Set("X-Amz-Expires", strconv.FormatInt(min(life, 7*24*3600), 10))
	query.Set("X-Amz-SignedHeaders", "host")
	path, canonical := awsEscape(u.Path, true), canonicalQuery(query)
	request := strings.Join([]string{method, path, canonical, "host:" + u.Host + "\n", "host", "UNSIGNED-PAYLOAD"}, "\n")
	sum := sha256.Sum256([]byte(request))
	signature := s.sign(now, strings.Join([]string{amzAlgorithm, now.Format(amzTime), s.scope(now), hex.EncodeToString(sum[:])}, "\n"))
	return u.Scheme + "://" + u.Host + path + "?" + canonical + "&X-Amz-Signature=" + signature
}

// Origin is the address of the bucket.
func (s *S3) Origin() string { return s.bucket().String() }

func (s *S3) bucket() *url.URL {
	u := *s.Endpoint
	u.Path = strings.TrimSuffix(u.Path, "/")
	if s.PathStyle {
		u.Path += "/" + s.Bucket
	} else {
		u.Host = s.Bucket + "." + u.Host
		u.Path += "/"
	}
	return &u
}

func (s *S3) scope(now time.Time) string {
	return now.Format("20060102") + "/" + s.Region + "/s3/aws4_request"
}

// sign derives the key of the day and signs the text with it.
func (s *S3) sign(now time.Time, text string) string {
	key := []byte("AWS4" + s.Secret)
	for _, part := range []string{now.Format("20060102"), s.Region, "s3", "aws4_request"} {
		key = mac256(key, part)
	}
	return hex.EncodeToString(mac256(key, text))
}

func mac256(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func (s *S3) now() time.Time {
	if s.Now != nil {
		return s.Now().UTC()
	}
	return time.Now().UTC()
}

func canonicalQuery(query url.Values) string {
	var pairs []string
	for name, values := range query {
		for _, v := range values {
			pairs = append(pairs, awsEscape(name, false)+"="+awsEscape(v, false))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// awsEscape escapes all but A–Z a–z 0–9 - . _ ~, which is neither of the ways
// that net/url has.
func awsEscape(s string, path bool) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~', c == '/' && path:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	return b.String()
}
