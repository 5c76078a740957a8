package auth

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func newUploads(now time.Time) *Uploads {
	return &Uploads{
		Keys: QiniuKey{"access", "secret"}, Bucket: "parley", Expiry: time.Hour,
		MaxImage: 20, MaxFile: 200, MaxVoice: 10, MaxVideo: 100,
		Zone: time.FixedZone("east", 8*3600), Now: func() time.Time { return now },
	}
}

func TestGrant(t *testing.T) {
	// Still the 13th in UTC, already the 14th in the zone of the server.
	now := time.Date(2026, 6, 13, 20, 0, 0, 0, time.UTC)
	u := newUploads(now)
	g, err := u.Grant("a1", UploadImage, ".JPG")
	if err != nil {
		t.Fatal(err)
	}
	if want := regexp.MustCompile(`^a1/2026/6/14/[0-9a-f]{32}\.jpg$`); !want.MatchString(g.Key) {
		t.Errorf("got key %q, want %v", g.Key, want)
	}
	policy, err := u.Keys.Verify(g.Token, now)
	if err != nil {
		t.Fatal(err)
	}
	want := PutPolicy{
		Scope: "parley:a1/2026/6/14/", IsPrefixalScope: 1, Deadline: now.Add(time.Hour).Unix(), InsertOnly: 1,
		EndUser: "a1", ReturnBody: returnBody, FsizeLimit: 20, DetectMime: 1, MimeLimit: "image/jpeg;image/png;image/gif;image/webp",
	}
	if diff := cmp.Diff(policy, want); diff != "" {
		t.Errorf("policy (-got +want):\n%s", diff)
	}
	if !policy.Permits("parley", g.Key) {
		t.Error("the token does not cover its own key")
	}
	if policy.Permits("parley", strings.Replace(g.Key, "a1/", "a2/", 1)) {
		t.Error("the token covers somebody else's folder")
	}
	again, err := u.Grant("a1", UploadImage, ".JPG")
	if err != nil {
		t.Fatal(err)
	}
	if again.Key == g.Key {
		t.Errorf("the same key twice: %s", g.Key)
	}
}

// A key of one's own folder that leads out of it was stored, and every proxy would
// have taken its address for another one's.
func TestVerifyKey(t *testing.T) {
	u := newUploads(time.Date(2026, 6, 13, 20, 0, 0, 0, time.UTC))
	g, err := u.Grant("a1", UploadFile, "")
	if err != nil {
		t.Fatal(err)
	}
	folder := g.Key[:strings.LastIndexByte(g.Key, '/')+1]
	for key, want := range map[string]error{
		g.Key: nil, folder + "of my own.txt": nil, folder + "below/x..y": nil,
		folder: ErrInvalid, folder + "..": ErrInvalid, folder + "../../../../a2/x": ErrInvalid, folder + "./x": ErrInvalid, folder + "/x": ErrInvalid,
		"a2/2026/6/14/x": ErrInvalid, folder + strings.Repeat("x", maxKey): ErrInvalid,
	} {
		if _, err := u.Verify(g.Token, key); !errors.Is(err, want) {
			t.Errorf("%.40q: got %v, want %v", key, err, want)
		}
	}
}

func TestGrantKinds(t *testing.T) {
	now := time.Date(2026, 6, 13, 20, 0, 0, 0, time.UTC)
	u := newUploads(now)
	for kind, limit := range map[UploadKind]int64{UploadImage: 20, UploadFile: 200, UploadVoice: 10, UploadVideo: 100} {
		g, err := u.Grant("a1", kind, "")
		if err != nil {
			t.Fatalf("kind %d: %v", kind, err)
		}
		policy, err := u.Keys.Verify(g.Token, now)
		if err != nil {
			t.Fatalf("kind %d: %v", kind, err)
		}
		if policy.FsizeLimit != limit {
			t.Errorf("kind %d: got limit %d, want %d", kind, policy.FsizeLimit, limit)
		}
		if strings.Contains(g.Key, ".") {
			t.Errorf("kind %d: got %q, want no extension", kind, g.Key)
		}
	}
	for _, kind := range []UploadKind{0, 5, -1} {
		if _, err := u.Grant("a1", kind, ""); !errors.Is(err, ErrUploadKind) {
			t.Errorf("kind %d: got %v, want %v", kind, err, ErrUploadKind)
		}
	}
}

func TestGrantRefusesWhatCannotBeAFolder(t *testing.T) {
	u := newUploads(time.Unix(0, 0))
	for _, account := range []string{"", "a1/../a2", strings.Repeat("a", 800)} {
		if g, err := u.Grant(account, UploadFile, "txt"); err == nil {
			t.Errorf("account %.20q: got key %.40q, want a refusal", account, g.Key)
		}
	}
	for ext, want := range map[string]string{"tar.gz": "", "../x": "", "PNG": "png", ".a1": "a1", strings.Repeat("x", 17): ""} {
		if got := cleanExtension(ext); got != want {
			t.Errorf("extension %q: got %q, want %q", ext, got, want)
		}
	}
}
