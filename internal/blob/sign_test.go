package blob

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The first is the worked example of the service's manual ("download tokens"); the
// others were computed with Python's hmac from the address before the token.
func TestQiniuAddress(t *testing.T) {
	manual := &Qiniu{Access: "MY_ACCESS_KEY", Secret: "MY_SECRET_KEY", Domain: "http://78re52.com1.z0.glb.clouddn.com"}
	ours := &Qiniu{Access: "access-key", Secret: "secret-key", Domain: "https://files.example.test"}
	at := time.Unix(1780574400, 0)
	for _, c := range []struct{ got, want string }{
		{
			manual.Address("resource/flower.jpg", "", "", false, time.Unix(1451491200, 0)),
			"http://78re52.com1.z0.glb.clouddn.com/resource/flower.jpg?e=1451491200&token=MY_ACCESS_KEY:438dd8pXocjYuF-6dTcKMtETB2g=",
		},
		{
			ours.Address("a1/2026/6/4/x.png", "", "", false, at),
			"https://files.example.test/a1/2026/6/4/x.png?e=1780574400&token=access-key:O7A4KXnhj8Hm9A12LpOd5sOlRIA=",
		},
		{
			ours.Address("a1/2026/6/4/x.png", "", Thumb, false, at),
			"https://files.example.test/a1/2026/6/4/x.png?imageMogr2/auto-orient/thumbnail/360x360%3E/strip&e=1780574400&token=access-key:ST5xI2dIIc5u40THxfsdMUhFeNw=",
		},
		{
			ours.Address("a1/2026/6/4/x.html", "a page.html", "", false, at),
			"https://files.example.test/a1/2026/6/4/x.html?attname=a+page.html&e=1780574400&token=access-key:3qsXRN5qHe837jP3QotuE4NU2eA=",
		},
	} {
		if c.got != c.want {
			t.Errorf("got  %s\nwant %s", c.got, c.want)
		}
	}
}

var awsExample = S3{Access: "AKIAIOSFODNN7EXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", Region: "us-east-1"}

// The worked example of "Authenticating Requests: Using Query Parameters (AWS
// Signature Version 4)".
func TestS3Address(t *testing.T) {
	s := awsExample
	s.Endpoint, s.Bucket = &url.URL{Scheme: "https", Host: "s3.amazonaws.com"}, "examplebucket"
	now := time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
	s.Now = func() time.Time { return now }
	got := s.get("test.txt", url.Values{}, now.Add(24*time.Hour))
	want := "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256" +
		"&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z" +
		"&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The worked example of "Browser-Based Upload using HTTP POST (Using AWS Signature
// Version 4)": the policy as it is encoded there, and its signature.
func TestS3PolicySignature(t *testing.T) {
	const policy = "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwN" +
		"CiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3Qi" +
		"OiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5" +
		"cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2" +
		"In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEy" +
		"MjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEy" +
		"MjlUMDAwMDAwWiIgfQ0KICBdDQp9"
	const want = "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
	if got := awsExample.sign(time.Date(2015, 12, 29, 0, 0, 0, 0, time.UTC), policy); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestS3Post(t *testing.T) {
	s := awsExample
	s.Endpoint, s.Bucket, s.PathStyle = &url.URL{Scheme: "http", Host: "127.0.0.1:9000", Path: "/store/"}, "parley", true
	now := time.Date(2026, 6, 4, 12, 0, 0, 0, time.UTC)
	s.Now = func() time.Time { return now }
	post, err := s.Post("a1/2026/6/4/x.png", 20, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if want := "http://127.0.0.1:9000/store/parley"; post.Address != want {
		t.Errorf("got %s, want %s", post.Address, want)
	}
	text, err := base64.StdEncoding.DecodeString(post.Fields["policy"])
	if err != nil {
		t.Fatal(err)
	}
	var policy struct {
		Expiration string `json:"expiration"`
		Conditions []any  `json:"conditions"`
	}
	if err := json.Unmarshal(text, &policy); err != nil {
		t.Fatal(err)
	}
	if want := "2026-06-04T13:00:00.000Z"; policy.Expiration != want {
		t.Errorf("got %s, want %s", policy.Expiration, want)
	}
	bound := map[string]string{}
	limited := false
	for _, c := range policy.Conditions {
		switch c := c.(type) {
		case map[string]any:
			for k, v := range c {
				bound[k], _ = v.(string)
			}
		case []any:
			limited = cmp.Equal(c, []any{"content-length-range", 0.0, 20.0})
		}
	}
	if !limited {
		t.Error("the size is not limited")
	}
	for name, value := range post.Fields {
		if name != "policy" && name != "x-amz-signature" && bound[name] != value {
			t.Errorf("%s: got %q in the policy, want %q", name, bound[name], value)
		}
	}
	if bound["bucket"] != "parley" || bound["key"] != "a1/2026/6/4/x.png" || bound["Content-Type"] != "image/png" {
		t.Errorf("got %v", bound)
	}
}

func TestS3NeverShowsPages(t *testing.T) {
	s := awsExample
	s.Endpoint, s.Bucket = &url.URL{Scheme: "https", Host: "s3.example.test"}, "parley"
	for key, want := range map[string]string{
		"a/x.html": "application/octet-stream attachment; filename=x.html",
		"a/x.svg":  "application/octet-stream attachment; filename=x.svg",
		"a/x":      "application/octet-stream attachment; filename=x",
		"a/x.PNG":  "image/png inline; filename=x.PNG",
		"a/x.mp4":  "video/mp4 inline; filename=x.mp4",
	} {
		u, err := url.Parse(s.Address(key, "", false, time.Now().Add(time.Hour)))
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		if got := q.Get("response-content-type") + " " + q.Get("response-content-disposition"); got != want {
			t.Errorf("%s: got %s, want %s", key, got, want)
		}
	}
	if got := s.Address("a/x.png", "a b;c.png", true, time.Now().Add(time.Hour)); !strings.Contains(got, "attachment%3B%20filename%3D%22a%20b%3Bc.png%22") {
		t.Errorf("got %s", got)
	}
}
