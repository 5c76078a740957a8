package auth

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The first vector is the worked example of the service's own manual; the second
// was computed with Python's hmac and base64 from the JSON beside it.
var qiniuVectors = []struct {
	name   string
	keys   QiniuKey
	policy PutPolicy
	token  string
}{
	{
		name: "manual",
		keys: QiniuKey{"MY_ACCESS_KEY", "MY_SECRET_KEY"},
		policy: PutPolicy{
			Scope:      "my-bucket:sunflower.jpg",
			Deadline:   1451491200,
			ReturnBody: `{"name":$(fname),"size":$(fsize),"w":$(imageInfo.width),"h":$(imageInfo.height),"hash":$(etag)}`,
		},
		token: "MY_ACCESS_KEY:wQ4ofysef1R7IKnrziqtomqyDvI=:" +
			"eyJzY29wZSI6Im15LWJ1Y2tldDpzdW5mbG93ZXIuanBnIiwiZGVhZGxpbmUiOjE0NTE0OTEyMDAsInJldHVybkJvZHki" +
			"OiJ7XCJuYW1lXCI6JChmbmFtZSksXCJzaXplXCI6JChmc2l6ZSksXCJ3XCI6JChpbWFnZUluZm8ud2lkdGgpLFwiaFwi" +
			"OiQoaW1hZ2VJbmZvLmhlaWdodCksXCJoYXNoXCI6JChldGFnKX0ifQ==",
	},
	{
		// {"scope":"parley:a1/2026/6/4/","isPrefixalScope":1,"deadline":1780574400,"insertOnly":1,"endUser":"a1",
		// "returnBody":"{\"key\":$(key)}","fsizeLimit":1048576,"detectMime":1,"mimeLimit":"image/*"}
		name: "every field",
		keys: QiniuKey{"access-key", "secret-key"},
		policy: PutPolicy{
			Scope: "parley:a1/2026/6/4/", IsPrefixalScope: 1, Deadline: 1780574400, InsertOnly: 1, EndUser: "a1",
			ReturnBody: `{"key":$(key)}`, FsizeLimit: 1048576, DetectMime: 1, MimeLimit: "image/*",
		},
		token: "access-key:UbjwqVliQvrndV8pRuw-4Ss92k8=:" +
			"eyJzY29wZSI6InBhcmxleTphMS8yMDI2LzYvNC8iLCJpc1ByZWZpeGFsU2NvcGUiOjEsImRlYWRsaW5lIjoxNzgwNTc0NDAw" +
			"LCJpbnNlcnRPbmx5IjoxLCJlbmRVc2VyIjoiYTEiLCJyZXR1cm5Cb2R5Ijoie1wia2V5XCI6JChrZXkpfSIsImZzaXplTGlt" +
			"aXQiOjEwNDg1NzYsImRldGVjdE1pbWUiOjEsIm1pbWVMaW1pdCI6ImltYWdlLyoifQ==",
	},
}

func TestQiniuVectors(t *testing.T) {
	for _, v := range qiniuVectors {
		t.Run(v.name, func(t *testing.T) {
			token, err := v.keys.Sign(v.policy)
			if err != nil {
				t.Fatal(err)
			}
			if token != v.token {
				t.Errorf("got  %s\nwant %s", token, v.token)
			}
			policy, err := v.keys.Verify(v.token, time.Unix(v.policy.Deadline, 0))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(policy, v.policy); diff != "" {
				t.Errorf("policy (-got +want):\n%s", diff)
			}
		})
	}
}

func TestQiniuRefuses(t *testing.T) {
	v := qiniuVectors[1]
	inTime := time.Unix(v.policy.Deadline-1, 0)
	access, rest, _ := strings.Cut(v.token, ":")
	digest, policy, _ := strings.Cut(rest, ":")
	for name, c := range map[string]struct {
		keys  QiniuKey
		token string
		at    time.Time
		want  error
	}{
		"past its deadline":    {v.keys, v.token, time.Unix(v.policy.Deadline+1, 0), ErrExpired},
		"another secret":       {QiniuKey{"access-key", "secret-kez"}, v.token, inTime, ErrInvalid},
		"another access key":   {QiniuKey{"access-kez", "secret-key"}, v.token, inTime, ErrInvalid},
		"no secret":            {QiniuKey{"access-key", ""}, v.token, inTime, ErrInvalid},
		"another policy":       {v.keys, access + ":" + digest + ":" + strings.Replace(policy, "eyJz", "eyJa", 1), inTime, ErrInvalid},
		"no padding":           {v.keys, strings.TrimRight(v.token, "="), inTime, ErrInvalid},
		"two parts":            {v.keys, access + ":" + digest, inTime, ErrInvalid},
		"empty":                {v.keys, "", inTime, ErrInvalid},
		"signed, but not JSON": {v.keys, "access-key:" + v.keys.digest("bm90IGpzb24=") + ":bm90IGpzb24=", inTime, ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := c.keys.Verify(c.token, c.at); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	if _, err := (QiniuKey{"access-key", ""}).Sign(v.policy); err == nil {
		t.Error("signed without a secret")
	}
}

func TestPolicyPermits(t *testing.T) {
	for _, c := range []struct {
		policy      PutPolicy
		bucket, key string
		want        bool
	}{
		{PutPolicy{Scope: "b"}, "b", "any", true},
		{PutPolicy{Scope: "b"}, "c", "any", false},
		{PutPolicy{Scope: "b:a/1"}, "b", "a/1", true},
		{PutPolicy{Scope: "b:a/1"}, "b", "a/12", false},
		{PutPolicy{Scope: "b:a/", IsPrefixalScope: 1}, "b", "a/12", true},
		{PutPolicy{Scope: "b:a/", IsPrefixalScope: 1}, "b", "b/12", false},
		{PutPolicy{Scope: "b:a/", IsPrefixalScope: 1}, "b", "", false},
	} {
		if got := c.policy.Permits(c.bucket, c.key); got != c.want {
			t.Errorf("%+v permits %s:%s: got %v, want %v", c.policy, c.bucket, c.key, got, c.want)
		}
	}
}

func TestPolicyPermitsType(t *testing.T) {
	for _, c := range []struct {
		limit, mime    string
		want, pictures bool
	}{
		{"", "text/html", true, false},
		{"image/jpeg;image/png", "image/png", true, true},
		{"image/jpeg;image/png", "image/svg+xml", false, true},
		{"image/*", "image/svg+xml", true, true},
		{"image/*", "imagery/png", false, true},
		{"audio/*;video/*", "video/mp4", true, false},
		{"!text/html;image/*", "image/png", false, false},
		{"!text/html;image/*", "text/plain", true, false},
	} {
		p := PutPolicy{MimeLimit: c.limit}
		if got := p.PermitsType(c.mime); got != c.want {
			t.Errorf("%q permits %s: got %v, want %v", c.limit, c.mime, got, c.want)
		}
		if got := p.Pictures(); got != c.pictures {
			t.Errorf("%q lets in pictures alone: got %v, want %v", c.limit, got, c.pictures)
		}
	}
}
