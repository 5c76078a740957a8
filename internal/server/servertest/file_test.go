package servertest

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/internal/blob/blobtest"
	"parley/internal/config"
	"parley/socketio/socketiotest"
)

// A picture goes the whole way, wherever files are kept: leave to upload, upload,
// message, address, a smaller picture, an avatar.
func TestPictureOnDisk(t *testing.T) { pictureGoesAllTheWay(t, Start(t)) }

func TestPictureAtS3(t *testing.T) {
	service := blobtest.StartS3(t)
	pictureGoesAllTheWay(t, Start(t, func(c *config.Config) {
		c.Blob = "s3"
		c.Upload.Endpoint, c.Upload.Bucket, c.Upload.Region = service.Endpoint.String(), service.Bucket, service.Region
		c.Upload.AccessKey, c.Upload.SecretKey = service.Access, config.Secret(service.Secret)
	}))
}

// Qiniu answers with the type of what was uploaded: a page under a key that ends
// like a picture's would once have opened in place.
func TestFilesAtQiniuAreToBeSaved(t *testing.T) {
	s := Start(t, func(c *config.Config) {
		c.Blob = "qiniu"
		c.Upload.Domain, c.Upload.AccessKey, c.Upload.SecretKey = "https://files.example.test", "access", "secret"
	})
	from, to := s.Connect(4, "websocket", s.Accounts[0].Token), s.Connect(4, "websocket", s.Accounts[1].Token)
	if _, err := from.Request(t.Context(), "send message", map[string]any{
		"touser": s.Accounts[1].ID, "msg": "", "type": 2, "file": map[string]any{"key": "page.png"},
	}); err != nil {
		t.Fatal(err)
	}
	pushed, err := to.Take(t.Context(), func(e socketiotest.Event) bool { return e.Name == "new message" })
	if err != nil {
		t.Fatal(err)
	}
	var message struct {
		Msg struct{ Files struct{ URL string } }
	}
	if err := json.Unmarshal(pushed.Args[0], &message); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.absolute(message.Msg.Files.URL), nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if to := answer.Header.Get("Location"); !strings.HasPrefix(to, "https://files.example.test/page.png?attname=page.png&e=") {
		t.Errorf("got %s to %q, want it to be saved", answer.Status, to)
	}
}

// At a storage service the form of the key tells which files are ours.
func TestAddressOfAFileAtQiniu(t *testing.T) {
	s := Start(t, func(c *config.Config) {
		c.Blob = "qiniu"
		c.Upload.Domain, c.Upload.AccessKey, c.Upload.SecretKey = "https://files.example.test", "access", "secret"
	})
	from := s.Connect(4, "websocket", s.Accounts[0].Token)
	ack, err := from.Request(t.Context(), "upload token", map[string]any{"type": 1, "ext": "png"})
	if err != nil || len(ack) != 2 {
		t.Fatalf("got %s, %v", ack, err)
	}
	var leave struct{ Key string }
	if err := json.Unmarshal(ack[1], &leave); err != nil {
		t.Fatal(err)
	}
	for key, ours := range map[string]bool{leave.Key: true, "somebody-elses.png": false} {
		sent := "https://pictures.example.test/" + key
		ack, err := from.Request(t.Context(), "send message", map[string]any{
			"touser": s.Accounts[1].ID, "msg": "", "type": 2, "file": map[string]any{"key": key, "url": sent},
		})
		if err != nil || len(ack) != 2 {
			t.Fatalf("got %s, %v", ack, err)
		}
		var stored struct {
			Socket struct {
				Msg struct{ Files struct{ URL string } }
			}
		}
		if err := json.Unmarshal(ack[1], &stored); err != nil {
			t.Fatal(err)
		}
		if got := stored.Socket.Msg.Files.URL; strings.HasPrefix(got, "/files/"+key+"?e=") != ours || (got == sent) == ours {
			t.Errorf("%s: got %s", key, got)
		}
	}
}

func pictureGoesAllTheWay(t *testing.T, s *Server) {
	t.Helper()
	alice, bob := s.Accounts[0], s.Accounts[1]
	from, to := s.Connect(4, "websocket", alice.Token), s.Connect(4, "websocket", bob.Token)
	picture := wide(t)

	ack, err := from.Request(t.Context(), "upload token", map[string]any{"type": 1, "ext": "png"})
	if err != nil || len(ack) != 2 {
		t.Fatalf("got %s, %v", ack, err)
	}
	var leave struct {
		Token, Key, Address string
		Fields              map[string]string
	}
	if err := json.Unmarshal(ack[1], &leave); err != nil {
		t.Fatal(err)
	}
	if leave.Fields == nil {
		leave.Fields = map[string]string{"token": leave.Token, "key": leave.Key}
	}
	if status := s.upload(leave.Address, leave.Fields, picture); status/100 != 2 {
		t.Fatalf("upload: got %d", status)
	}

	if _, err := from.Request(t.Context(), "send message", map[string]any{
		// A client can send an address that it built from its own configuration, where receivers got 403.
		"touser": bob.ID, "msg": "", "type": 2, "file": map[string]any{"key": leave.Key, "name": "wide.png", "url": "https://pictures.example.test/" + leave.Key},
	}); err != nil {
		t.Fatal(err)
	}
	pushed, err := to.Take(t.Context(), func(e socketiotest.Event) bool { return e.Name == "new message" })
	if err != nil {
		t.Fatal(err)
	}
	var message struct {
		ID  string
		Msg struct{ Files struct{ URL string } }
	}
	if err := json.Unmarshal(pushed.Args[0], &message); err != nil {
		t.Fatal(err)
	}
	address := message.Msg.Files.URL
	if got, kind := s.fetch(address); kind != "image/png" || got != string(picture) {
		t.Errorf("the picture: got %s of %d bytes, want image/png of %d", kind, len(got), len(picture))
	}
	small, kind := s.fetch(address + "&size=thumb")
	if c, _, err := image.DecodeConfig(strings.NewReader(small)); err != nil || kind != "image/jpeg" || c.Width != 360 || c.Height != 72 {
		t.Errorf("the smaller picture: got %s %+v, %v, want image/jpeg of 360 by 72", kind, c, err)
	}

	if small, kind := s.fetch(address + "?imageView2/2/w/200"); kind != "image/jpeg" {
		t.Errorf("a client's own command: got %s of %d bytes, want image/jpeg", kind, len(small))
	}

	var links struct {
		Items []struct{ Message, URL string }
	}
	if status := s.api(bob.Token, http.MethodPost, "/api/files/links", map[string]any{"messages": []string{message.ID}}, &links); status != http.StatusOK || len(links.Items) != 1 || links.Items[0].URL != address {
		t.Errorf("links: got %d %+v, want %s", status, links, address)
	}
	var me struct{ Avatar string }
	if status := s.api(alice.Token, http.MethodPatch, "/api/me", map[string]any{"avatarKey": leave.Key}, &me); status != http.StatusOK {
		t.Fatalf("avatar: got %d", status)
	}
	face, kind := s.fetch(me.Avatar)
	if c, _, err := image.DecodeConfig(strings.NewReader(face)); err != nil || kind != "image/jpeg" || c.Width != 256 || c.Height != 256 {
		t.Errorf("the avatar: got %s %+v, %v, want image/jpeg of 256 by 256", kind, c, err)
	}
	// A picture is one's own to show.
	if status := s.api(bob.Token, http.MethodPatch, "/api/me", map[string]any{"avatarKey": leave.Key}, nil); status != http.StatusUnprocessableEntity {
		t.Errorf("somebody else's picture: got %d", status)
	}
}

func wide(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 1000, 200))
	for i := range 1000 {
		m.SetRGBA(i, i/5, color.RGBA{R: 200, A: 255})
	}
	for i := 3; i < len(m.Pix); i += 4 {
		m.Pix[i] = 255
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// upload posts the form: the fields, and the file after them.
func (s *Server) upload(address string, fields map[string]string, file []byte) int {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := form.WriteField(name, value); err != nil {
			s.t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", "wide.png")
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := part.Write(file); err != nil {
		s.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.absolute(address), &body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	return s.do(r, nil)
}

func (s *Server) fetch(address string) (body, kind string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.absolute(address), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: got %s, %v", address, response.Status, err)
	}
	return string(text), response.Header.Get("Content-Type")
}

// absolute joins an address to the server's, as clients do.
func (s *Server) absolute(address string) string {
	base, err := url.Parse(s.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	u, err := base.Parse(address)
	if err != nil {
		s.t.Fatal(err)
	}
	return u.String()
}

func (s *Server) api(token, method, path string, body, answer any) int {
	s.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, bytes.NewReader(text))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	return s.do(r, answer)
}
