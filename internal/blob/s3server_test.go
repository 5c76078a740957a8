package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"parley/internal/blob/blobtest"
)

func postForm(t *testing.T, client *http.Client, p Post, content string, change func(map[string]string)) int {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	fields := map[string]string{}
	for name, value := range p.Fields {
		fields[name] = value
	}
	if change != nil {
		change(fields)
	}
	for name, value := range fields {
		_ = form.WriteField(name, value)
	}
	part, err := form.CreateFormFile("file", "x")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(part, content)
	_ = form.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Address, &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

func TestS3Server(t *testing.T) {
	server := blobtest.StartS3(t)
	s := &S3{
		Access: server.Access, Secret: server.Secret, Endpoint: server.Endpoint, Region: server.Region, Bucket: server.Bucket, PathStyle: true,
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	later := time.Now().Add(time.Hour)
	key := "a1/2026/6/4/ü x+y.jpg"
	photo := jpegFile(t, quarters(800, 400), 6)
	form := func(key string, most int64, expires time.Time) Post {
		t.Helper()
		p, err := s.Post(key, most, expires)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if got := postForm(t, client, form(key, 1<<20, later), string(photo), nil); got != http.StatusCreated {
		t.Fatalf("the form: got %d, want %d", got, http.StatusCreated)
	}
	for name, c := range map[string]struct {
		post   Post
		change func(map[string]string)
	}{
		"too large":      {form("a1/large.png", 4, later), nil},
		"over":           {form("a1/over.png", 99, time.Now().Add(-time.Minute)), nil},
		"another key":    {form("a1/mine.png", 99, later), func(f map[string]string) { f["key"] = "a2/yours.png" }},
		"another type":   {form("a1/mine.png", 99, later), func(f map[string]string) { f["Content-Type"] = "text/html" }},
		"another policy": {form("a1/mine.png", 99, later), func(f map[string]string) { f["policy"] = form("a2/yours.png", 99, later).Fields["policy"] }},
		"no signature":   {form("a1/mine.png", 99, later), func(f map[string]string) { delete(f, "x-amz-signature") }},
	} {
		if got := postForm(t, client, c.post, "hello", c.change); got < 400 || got >= 500 {
			t.Errorf("%s: got %d, want a refusal", name, got)
		}
	}

	get := func(address string, header ...string) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer, string(body)
	}
	answer, body := get(s.Address(key, "mein “Bild”.jpg", false, later))
	if answer.StatusCode != 200 || body != string(photo) || answer.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("got %s, %s, %d bytes", answer.Status, answer.Header.Get("Content-Type"), len(body))
	}
	if got, want := answer.Header.Get("Content-Disposition"), "inline; filename*=utf-8''mein%20%E2%80%9CBild%E2%80%9D.jpg"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if answer, body := get(s.Address(key, "", false, later), "Range", "bytes=2-5"); answer.StatusCode != 206 || body != string(photo[2:6]) {
		t.Errorf("a part: got %s, %q", answer.Status, body)
	}
	for name, address := range map[string]string{
		"another key":  strings.Replace(s.Address(key, "", false, later), "a1", "a2", 1),
		"another type": strings.Replace(s.Address(key, "", false, later), "image%2Fjpeg", "text%2Fhtml", 1),
		"no signature": s.Origin() + "/" + awsEscape(key, true),
		"nothing":      s.Address("a1/none", "", false, later),
	} {
		if answer, _ := get(address); answer.StatusCode < 400 {
			t.Errorf("%s: got %s, want a refusal", name, answer.Status)
		}
	}

	// A page that was uploaded is never shown as one.
	if got := postForm(t, client, form("a1/page.html", 99, later), "<script>alert(1)</script>", nil); got != http.StatusCreated {
		t.Fatalf("got %d", got)
	}
	answer, _ = get(s.Address("a1/page.html", "", false, later))
	if got := answer.Header.Get("Content-Type") + " " + answer.Header.Get("Content-Disposition"); got != "application/octet-stream attachment; filename=page.html" {
		t.Errorf("got %s", got)
	}

	source := func(ctx context.Context, key string) (*os.File, Object, error) {
		return s.Fetch(ctx, client, t.TempDir(), 1<<20, key)
	}
	scaler, err := NewScaler(t.TempDir(), source, 1<<20, NewWorkers(WorkerLimits{Pictures: 1, Memory: 1 << 30}))
	if err != nil {
		t.Fatal(err)
	}
	f, o, err := scaler.Open(t.Context(), key, Thumb)
	if err != nil {
		t.Fatal(err)
	}
	m, data := shown(t, f)
	if b := m.Bounds(); o.Type != "image/jpeg" || b.Dx() != 180 || b.Dy() != 360 || corner(t, m) != "upper right" || bytes.Contains(data, []byte(secret)) {
		t.Errorf("made smaller: got %s of %v", o.Type, b)
	}
	for key, want := range map[string]error{"a1/page.html": ErrType, "a1/none": ErrNotFound} {
		if _, _, err := scaler.Open(t.Context(), key, Thumb); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", key, err, want)
		}
	}
	if _, _, err := s.Fetch(t.Context(), client, t.TempDir(), int64(len(photo))-1, key); !errors.Is(err, ErrTooLarge) {
		t.Errorf("larger than may be fetched: got %v, want %v", err, ErrTooLarge)
	}
}
