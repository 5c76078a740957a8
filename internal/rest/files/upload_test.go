package files_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/internal/auth"
	"parley/internal/blob"
	"parley/internal/chat"
	"parley/internal/rest"
	"parley/internal/rest/files"
	"parley/internal/rest/resttest"
)

// storing serves the API with files.
func storing(t testing.TB, change ...func(*files.Store, *blob.DiskOptions)) (*world, *files.Store) {
	t.Helper()
	w, f := resttest.Storing(t, change...)
	return &world{w}, f
}

// told compares status and text of a refusal.
func (w *world) told(what string, a resttest.Answer, status int, text string) {
	w.T.Helper()
	var p struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal(a.Body, &p); err != nil || a.Status != status || p.Error != text {
		w.T.Errorf("%s: got %d %s, want %d %q", what, a.Status, a.Body, status, text)
	}
}

func pngOf(t testing.TB, width, height int) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// claiming changes the size that the head of a PNG tells.
func claiming(file string, width, height uint32) string {
	b := []byte(file)
	head := b[12:29] // IHDR and what it holds
	binary.BigEndian.PutUint32(head[4:], width)
	binary.BigEndian.PutUint32(head[8:], height)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(head))
	return string(b)
}

func TestUpload(t *testing.T) {
	w, f := storing(t)
	g := resttest.Grant(t, f, w.Alice, auth.UploadFile)
	want := map[string]any{
		"key": g.Key, "hash": "Fqr0xh3cxeii2r7eDztILNmuqUNN", "name": `Ünïcode "1".txt`, "size": 5.0, "mimeType": "text/plain", "width": nil, "height": nil, "fileExt": ".txt",
	}
	token, key, file := resttest.Pair{"token", g.Token}, resttest.Pair{"key", g.Key}, resttest.Pair{"file", "hello"}
	w.Equal("stored", w.Want(w.Post(token, key, resttest.Pair{"custom", "1"}, file), 200), want)
	w.Equal("the same again, the file first", w.Want(w.Post(file, token, key), 200), want)
	w.told("other content", w.Post(token, key, resttest.Pair{"file", "howdy"}), 614, "file exists")

	again := func() (resttest.Pair, resttest.Pair) {
		g := resttest.Grant(t, f, w.Alice, auth.UploadFile)
		return resttest.Pair{"token", g.Token}, resttest.Pair{"key", g.Key}
	}
	token, key = again()
	w.told("no token", w.Post(key, file), 400, "the form needs the fields token and key")
	w.told("no key", w.Post(token, file), 400, "the form needs the fields token and key")
	w.told("no file", w.Post(token, key), 400, "the form has no file")
	w.told("two files", w.Post(file, file, token, key), 400, "there are two files")
	w.told("no form", w.Do("POST", "/upload", strings.NewReader("{}")), 400, "expected multipart/form-data")
	w.told("a broken token", w.Post(resttest.Pair{"token", token[1] + "x"}, key, file), 401, "bad token")
	w.told("another account's folder", w.Post(token, resttest.Pair{"key", string(w.Bob) + "/2026/6/4/x"}, file), 401, "bad token")
	w.told("out of the folder", w.Post(token, resttest.Pair{"key", strings.TrimSuffix(key[1], "/") + strings.Repeat("x", 800)}, file), 401, "bad token")
	other := &auth.Uploads{Keys: auth.QiniuKey{Access: "parley", Secret: "another"}, Bucket: "parley", Expiry: time.Hour, MaxFile: 9}
	foreign, err := other.Grant(string(w.Alice), auth.UploadFile, "")
	w.OK(err)
	w.told("another server's token", w.Post(resttest.Pair{"token", foreign.Token}, resttest.Pair{"key", foreign.Key}, file), 401, "bad token")
	f.Uploads.Now = func() time.Time { return time.Now().Add(-2 * time.Hour) }
	old, oldKey := again()
	f.Uploads.Now = nil
	w.told("an old token", w.Post(old, oldKey, file), 401, "expired token")
	w.told("a long token", w.Post(resttest.Pair{"token", strings.Repeat("x", 9000)}, key, file), 400, "the field token is too long")
	w.told("a long form", w.Post(resttest.Pair{"x", strings.Repeat("x", 100_000)}, token, key, file), 413, "the form is too large")
	w.told("much before the token", w.Post(resttest.Pair{"file", strings.Repeat("x", 1001)}, token, key), 413, "the fields token and key must stand before a file of this size")
	w.told("too large", w.Post(token, key, resttest.Pair{"file", strings.Repeat("x", 1<<20+1)}), 413, "the file is too large")

	g = resttest.Grant(t, f, w.Alice, auth.UploadImage)
	token, key = resttest.Pair{"token", g.Token}, resttest.Pair{"key", g.Key}
	w.told("a page as an image", w.Post(token, key, resttest.Pair{"file", "<!DOCTYPE html><script>alert(1)</script>"}), 403, "files of this type are not taken here: text/html")
	w.told("half an image", w.Post(token, key, resttest.Pair{"file", pngOf(t, 9, 9)[:30]}), 400, "the picture is damaged")
	w.told("a huge image", w.Post(token, key, resttest.Pair{"file", claiming(pngOf(t, 9, 9), 50_000_000, 1)}), 400, "the picture has too many pixels: 50000000 by 1, 40000000 are taken")
	got := w.Want(w.Post(token, key, resttest.Pair{"file", pngOf(t, 30, 20)}), 200)
	if got["width"] != 30.0 || got["height"] != 20.0 || got["mimeType"] != "image/png" {
		t.Errorf("got %v", got)
	}
	g = resttest.Grant(t, f, w.Alice, auth.UploadVoice)
	w.told("a text as voice", w.Post(resttest.Pair{"token", g.Token}, resttest.Pair{"key", g.Key}, resttest.Pair{"file", "hello"}), 403, "files of this type are not taken here: text/plain")
	if w.Log.Len() > 0 {
		t.Error("bad input is no news")
	}
}

func TestUploadOfABrokenConnection(t *testing.T) {
	w, f := storing(t)
	g := resttest.Grant(t, f, w.Alice, auth.UploadFile)
	head := fmt.Sprintf("--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n%s\r\n--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n%s\r\n"+
		"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n", g.Token, g.Key)
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.URL, "http://"))
	w.OK(err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 99999\r\n\r\n%shalf of it", head)
	w.OK(err)
	w.OK(conn.(*net.TCPConn).CloseWrite())
	answer, err := io.ReadAll(conn)
	w.OK(err)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 400 ") {
		t.Errorf("got %s", answer)
	}
	if _, err := f.Disk.Stat(g.Key); err == nil {
		t.Error("half a file is stored")
	}
	// The key is as free as before.
	w.Want(w.Post(resttest.Pair{"token", g.Token}, resttest.Pair{"key", g.Key}, resttest.Pair{"file", "whole"}), 200)
}

// A file whose first bytes say that it is not taken is read to its end: a browser
// that is still sending would see a broken connection and not the answer.
func TestRefusedUploadIsReadToItsEnd(t *testing.T) {
	w, f := storing(t, func(f *files.Store, _ *blob.DiskOptions) { f.Uploads.MaxImage = 32 << 20 })
	g := resttest.Grant(t, f, w.Alice, auth.UploadImage)
	page := "<!DOCTYPE html>" + strings.Repeat("x", 16<<20)
	w.told("a page as an image", w.Post(resttest.Pair{"token", g.Token}, resttest.Pair{"key", g.Key}, resttest.Pair{"file", page}), 403, "files of this type are not taken here: text/html")
	id, _ := w.Want(w.Parts(g, "POST", "", ""), 200)["uploadId"].(string)
	w.told("a part without a place", w.Parts(g, "PUT", "/"+id+"/0", page), 400, "the parts do not make the file: a part's number is between 1 and 10000")
}

// A client that sends nothing more is cut off.
func TestUploadThatStandsStill(t *testing.T) {
	w, _ := storing(t, func(f *files.Store, _ *blob.DiskOptions) { f.Idle = 50 * time.Millisecond })
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.URL, "http://"))
	w.OK(err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 99\r\n\r\n--b\r\n")
	w.OK(err)
	answer, err := io.ReadAll(conn)
	w.OK(err)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 408 ") {
		t.Errorf("got %s", answer)
	}
}

// One address once held every place for files before their tokens. It has half of
// them.
func TestFilesBeforeTheirTokensOfOneAddress(t *testing.T) {
	w, _ := storing(t)
	const head = "--b\r\nContent-Disposition: form-data; name=file; filename=f\r\n\r\nx"
	begin := func() net.Conn {
		conn, err := net.Dial("tcp", strings.TrimPrefix(w.URL, "http://"))
		w.OK(err)
		t.Cleanup(func() { _ = conn.Close() })
		_, err = fmt.Fprintf(conn, "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 999\r\n\r\n%s", head)
		w.OK(err)
		return conn
	}
	const most = 4
	answers := make(chan string, most+1)
	for range most + 1 {
		conn := begin()
		go func() {
			answer, _ := io.ReadAll(conn)
			answers <- string(answer)
		}()
	}
	// The others wait for the rest of their forms.
	if answer := <-answers; !strings.HasPrefix(answer, "HTTP/1.1 503 ") || !strings.Contains(answer, "must stand before the file now") {
		t.Errorf("one more of an address: got %.200q", answer)
	}
}

// One who never shows a token and sends a byte now and then once held a place for
// a file before its token as long as an upload may take, which is a day.
func TestUploadThatProvesNothing(t *testing.T) {
	w, _ := storing(t, func(f *files.Store, _ *blob.DiskOptions) { f.Idle, f.MaxEarly = 50*time.Millisecond, 1<<30 })
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.URL, "http://"))
	w.OK(err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n"+
		"3e\r\n--b\r\nContent-Disposition: form-data; name=file; filename=f\r\n\r\n\r\n")
	w.OK(err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for err == nil {
			_, err = io.WriteString(conn, "1\r\nx\r\n")
		}
	}()
	answer, _ := io.ReadAll(conn) // what was sent last may reset the connection behind the answer
	_ = conn.Close()
	<-done
	if !strings.HasPrefix(string(answer), "HTTP/1.1 408 ") {
		t.Errorf("got %.100q", answer)
	}
}

// A full disk was an error in the log for every upload.
func TestUploadWithoutSpace(t *testing.T) {
	w, f := storing(t, func(f *files.Store, o *blob.DiskOptions) {
		o.MinFree = 1 << 60
		q, err := blob.OpenQuota(t.TempDir(), func() (int64, *time.Location) { return 7, time.UTC }, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = q.Close() })
		f.Quota = q
		f.Uploads.MaxFile = 6
	})
	g := resttest.Grant(t, f, w.Alice, auth.UploadFile)
	for range 3 {
		w.told("a full disk", w.Post(resttest.Pair{"token", g.Token}, resttest.Pair{"key", g.Key}, resttest.Pair{"file", "hello"}), 507, "the disk is full")
	}
	if got := strings.Count(w.Log.String(), "the disk is full: uploads are refused"); got != 1 {
		t.Errorf("the log has it %d times, want once:\n%s", got, w.Log)
	}

	f = resttest.Store(t, t.TempDir(), func(f *files.Store, _ *blob.DiskOptions) {
		q, err := blob.OpenQuota(t.TempDir(), func() (int64, *time.Location) { return 7, time.UTC }, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = q.Close() })
		f.Quota = q
		f.Uploads.MaxFile = 6
	})
	w = newWorld(t, func(o *rest.Options) { o.Files, o.HistoryRate, o.HistoryBurst = f, 1e-9, 3 })
	upload := func(of chat.AccountID) resttest.Answer {
		g := resttest.Grant(t, f, of, auth.UploadFile)
		return w.Post(resttest.Pair{"token", g.Token}, resttest.Pair{"key", g.Key}, resttest.Pair{"file", "hello"})
	}
	w.Want(upload(w.Alice), 200)
	w.told("enough for today", upload(w.Alice), 403, "enough was uploaded today")
	w.Want(upload(w.Bob), 200)
	w.told("more than enough", upload(w.Alice), 403, "enough was uploaded today")
	w.told("too often", upload(w.Alice), 429, "too many requests")
	w.told("too often, in parts", w.Parts(resttest.Grant(t, f, w.Alice, auth.UploadFile), "POST", "", ""), 429, "too many requests")
}

func TestUploadInParts(t *testing.T) {
	folder := t.TempDir()
	f := resttest.Store(t, folder)
	w := newWorld(t, func(o *rest.Options) { o.Files = f })
	g := resttest.Grant(t, f, w.Alice, auth.UploadFile)
	begun := w.Want(w.Parts(g, "POST", "", ""), 200)
	id, _ := begun["uploadId"].(string)
	if until, ok := begun["expireAt"].(float64); !ok || id == "" || until < float64(time.Now().Unix()) {
		t.Fatalf("got %v", begun)
	}
	one := w.Want(w.Parts(g, "PUT", "/"+id+"/1", "hello "), 200)
	if one["md5"] != "f814893777bcc2295fff05f00e508da6" {
		t.Errorf("got %v", one)
	}

	// The server ends, and another one goes on with the folder.
	f2 := resttest.Store(t, folder)
	w2 := newWorld(t, func(o *rest.Options) { o.Files = f2 })
	_, err := w2.Service.CreateAccount(t.Context(), chat.Account{ID: w.Alice, Name: "Alice Demo"})
	w2.OK(err)
	list := w2.Want(w2.Parts(g, "GET", "/"+id, ""), 200)
	w2.Equal("parts", list, map[string]any{
		"uploadId": id, "expireAt": begun["expireAt"], "partNumberMarker": 0.0,
		"parts": []any{map[string]any{"partNumber": 1.0, "etag": one["etag"], "size": 6.0}},
	})
	two := w2.Want(w2.Parts(g, "PUT", "/"+id+"/2", "world"), 200)
	complete := func(etags ...any) string {
		var parts []map[string]any
		for i, e := range etags {
			parts = append(parts, map[string]any{"partNumber": i + 1, "etag": e})
		}
		text, err := json.Marshal(map[string]any{"parts": parts, "fname": "a/b.txt", "customVars": map[string]string{"x:fileExt": ".TXT", "x:filePath": "a/", "other": "1"}})
		w.OK(err)
		return string(text)
	}
	w2.told("another part", w2.Parts(g, "POST", "/"+id, complete(two["etag"], one["etag"])), 400, "the parts do not make the file: part 1 has not come, or is another one")
	w2.told("no list", w2.Parts(g, "POST", "/"+id, "[]"), 400, "expected a list of parts as JSON")
	w2.told("no number", w2.Parts(g, "PUT", "/"+id+"/x", ""), 400, "a part has a number")
	w2.told("too large", w2.Parts(g, "PUT", "/"+id+"/3", strings.Repeat("x", 1<<20-10)), 413, "the file is too large")
	w2.told("another MD5", w2.Parts(g, "PUT", "/"+id+"/3", "x", func(r *http.Request) { r.Header.Set("Content-MD5", "00") }), 406, "the part is another one than Content-MD5 says")
	w2.told("no such upload", w2.Parts(g, "PUT", "/00/1", "x"), 612, "no such upload")
	w2.told("no token", w2.Parts(g, "PUT", "/"+id+"/1", "x", func(r *http.Request) { r.Header.Del("Authorization") }), 401, "bad token")
	bobs := resttest.Grant(t, f2, w2.Bob, auth.UploadFile)
	w2.told("another's token", w2.Parts(g, "PUT", "/"+id+"/1", "x", func(r *http.Request) { r.Header.Set("Authorization", "UpToken "+bobs.Token) }), 401, "bad token")
	w2.told("another bucket", w2.Do("GET", strings.Replace(w2.partsPath(g, id), "/parley/", "/other/", 1), nil, func(r *http.Request) { r.Header.Set("Authorization", "UpToken "+g.Token) }), 401, "bad token")

	done := w2.Want(w2.Parts(g, "POST", "/"+id, complete(one["etag"], two["etag"])), 200)
	w2.Equal("complete", done, map[string]any{
		"key": g.Key, "hash": done["hash"], "name": "b.txt", "size": 11.0, "mimeType": "text/plain", "width": nil, "height": nil,
		"fileExt": ".TXT", "x:fileExt": ".TXT", "x:filePath": "a/",
	})
	w2.Equal("the answer was lost", w2.Want(w2.Parts(g, "POST", "/"+id, complete(one["etag"], two["etag"])), 200), done)
	if got := w2.Do("GET", f2.Links.Address(g.Key), nil); string(got.Body) != "hello world" {
		t.Errorf("got %s", got.Body)
	}

	g = resttest.Grant(t, f2, w2.Alice, auth.UploadFile)
	id, _ = w2.Want(w2.Parts(g, "POST", "", ""), 200)["uploadId"].(string)
	w2.Want(w2.Parts(g, "DELETE", "/"+id, ""), 200)
	w2.told("after its end", w2.Parts(g, "GET", "/"+id, ""), 612, "no such upload")
}

// Clients tell a picture from an attachment by what the answer gives back of their
// own fields. It gave back none, and every picture went out as an attachment.
func TestUploadGivesBackTheFormsVariables(t *testing.T) {
	w, f := storing(t)
	picture := resttest.Pair{"file", pngOf(t, 4, 2)}
	vars := []resttest.Pair{
		{"x:fileExt", ".png"}, {"x:fileName", "0197"}, {"x:filePath", "a/2026/"}, {"x:serverName", "https://files.example.test/"}, {"x:originalFileName", "猫"}, {"x:own", ""},
	}
	want := map[string]any{"name": "Ünïcode \"1\".txt", "mimeType": "image/png", "width": 4.0, "height": 2.0, "fileExt": ".png"}
	for _, v := range vars {
		want[v[0]] = v[1]
	}
	for what, form := range map[string]func(token, key resttest.Pair) []resttest.Pair{
		"before the file": func(token, key resttest.Pair) []resttest.Pair {
			return append([]resttest.Pair{token, key}, append(vars, picture)...)
		},
		"after the file": func(token, key resttest.Pair) []resttest.Pair {
			return append([]resttest.Pair{token, key, picture}, vars...)
		},
		"the file first": func(token, key resttest.Pair) []resttest.Pair {
			return append([]resttest.Pair{picture}, append(vars, key, token)...)
		},
	} {
		g := resttest.Grant(t, f, w.Alice, auth.UploadImage)
		got := w.Want(w.Post(form(resttest.Pair{"token", g.Token}, resttest.Pair{"key", g.Key})...), 200)
		want["key"], want["hash"], want["size"] = g.Key, got["hash"], got["size"]
		w.Equal(what, got, want)
	}

	g := resttest.Grant(t, f, w.Alice, auth.UploadImage)
	token, key := resttest.Pair{"token", g.Token}, resttest.Pair{"key", g.Key}
	w.told("too long", w.Post(token, key, resttest.Pair{"x:own", strings.Repeat("x", 8<<10+1)}, picture), 400, "the field x:own is too long")
	many := []resttest.Pair{token, key}
	for i := range 33 {
		many = append(many, resttest.Pair{fmt.Sprint("x:", i), "1"})
	}
	w.told("too many", w.Post(append(many, picture)...), 400, "the form has too many fields")
	if got := w.Want(w.Post(append([]resttest.Pair{token, key, picture}, many[2:]...)...), 200); len(got) != 8+32 {
		t.Errorf("too many after the file: got %v", got)
	}
}

func (w *world) partsPath(g auth.Grant, id string) string {
	return "/buckets/parley/objects/" + base64.URLEncoding.EncodeToString([]byte(g.Key)) + "/uploads/" + id
}

func TestDownload(t *testing.T) {
	w, f := storing(t)
	key := w.Stored(f, w.Alice, auth.UploadFile, "0123456789")
	address := f.Links.Address(key)
	get := func(address string, header ...string) resttest.Answer {
		return w.Do("GET", address, nil, func(r *http.Request) {
			for i := 0; i < len(header); i += 2 {
				r.Header.Set(header[i], header[i+1])
			}
		})
	}
	whole := get(address)
	if whole.Status != 200 || string(whole.Body) != "0123456789" {
		t.Fatalf("got %d %s", whole.Status, whole.Body)
	}
	for name, want := range map[string]string{
		"Content-Type":            "text/plain; charset=utf-8",
		"X-Content-Type-Options":  "nosniff",
		"Content-Security-Policy": "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; sandbox",
		"Content-Disposition":     `attachment; filename*=utf-8''a%20%E2%80%9Cfile%E2%80%9D.bin`,
		"Cache-Control":           "private, max-age=31536000, immutable",
		"Accept-Ranges":           "bytes",
		"Etag":                    `"` + hashOf("0123456789") + `"`,
	} {
		if got := whole.Header.Get(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	etag := whole.Header.Get("Etag")
	for _, c := range []struct {
		header []string
		status int
		body   string
	}{
		{[]string{"Range", "bytes=2-4"}, 206, "234"},
		{[]string{"Range", "bytes=-3"}, 206, "789"},
		{[]string{"Range", "bytes=20-"}, 416, "invalid range: failed to overlap\n"},
		{[]string{"Range", "bytes=2-4", "If-Range", etag}, 206, "234"},
		{[]string{"Range", "bytes=2-4", "If-Range", `"another"`}, 200, "0123456789"},
		{[]string{"If-None-Match", etag}, 304, ""},
	} {
		if got := get(address, c.header...); got.Status != c.status || string(got.Body) != c.body {
			t.Errorf("%v: got %d %q, want %d %q", c.header, got.Status, got.Body, c.status, c.body)
		}
	}
	if got := w.Do("HEAD", address, nil); got.Status != 200 || len(got.Body) != 0 || got.Header.Get("Content-Length") != "10" {
		t.Errorf("HEAD: got %d %q, length %s", got.Status, got.Body, got.Header.Get("Content-Length"))
	}

	u, err := url.Parse(address)
	w.OK(err)
	e, s := u.Query().Get("e"), u.Query().Get("s")
	for name, address := range map[string]string{
		"no signature":  "/files/" + key,
		"another key":   "/files/" + string(w.Bob) + "/x?e=" + e + "&s=" + s,
		"a later end":   "/files/" + key + "?e=9" + e + "&s=" + s,
		"a way upwards": "/files/..%2f..%2fetc%2fpasswd?e=" + e + "&s=" + s,
	} {
		if got := get(address); got.Status != 403 {
			t.Errorf("%s: got %d %s", name, got.Status, got.Body)
		}
	}
	if got := get(f.Links.Address("unknown/key")); got.Status != 404 {
		t.Errorf("unknown: got %d", got.Status)
	}
	if got := get(address + "&size=huge"); got.Status != 400 {
		t.Errorf("a size that is none: got %d", got.Status)
	}
	if got := get(address + "&size=thumb"); got.Status != 415 {
		t.Errorf("no picture: got %d", got.Status)
	}
}

// Clients append the storage service's commands to whatever address they get.
func TestCommandsForSmallerPictures(t *testing.T) {
	w, f := storing(t)
	address := f.Links.Address(w.Stored(f, w.Alice, auth.UploadImage, pngOf(t, 1400, 700)))
	for suffix, want := range map[string]int{
		"":                                   1400,
		"?imageView2/2/w/200":                360,
		"&imageView2/2/w/200":                360,
		"|imageView2/1/w/200/h/140/q/90":     360,
		"?imageMogr2/auto-orient":            1400,
		"?imageMogr2/thumbnail/200x200%3E":   360,
		"?imageMogr2/thumbnail/200x200>":     360,
		"?imageMogr2/thumbnail/x300/strip":   360,
		"&imageMogr2/thumbnail/!50p":         1400,
		"?imageView2/2/w/1000|imageslim":     1400,
		"?imageView2/2/w/5000":               1400,
		"?imageView2/2/w/x":                  1400,
		"?imageView2/2/w":                    1400,
		"?imageMogr2/thumbnail":              1400,
		"?watermark/2/text/eA==":             1400,
		"&size=preview&imageView2/2/w/200":   1400,
		"&download&imageView2/2/w/200/h/100": 360,
	} {
		got := w.Do("GET", address+suffix, nil)
		c, _, err := image.DecodeConfig(bytes.NewReader(got.Body))
		if got.Status != 200 || err != nil || c.Width != want {
			t.Errorf("%s: got %d, width %d, %v; want width %d", suffix, got.Status, c.Width, err, want)
		}
	}
	// A file that cannot be scaled is sent unchanged.
	address = f.Links.Address(w.Stored(f, w.Alice, auth.UploadFile, "no picture"))
	if got := w.Do("GET", address+"?imageView2/2/w/200", nil); got.Status != 200 || string(got.Body) != "no picture" {
		t.Errorf("no picture: got %d %s", got.Status, got.Body)
	}
	if got := w.Do("GET", strings.Replace(address, "s=", "s=x", 1)+"?imageView2/2/w/200", nil); got.Status != 403 {
		t.Errorf("another signature: got %d", got.Status)
	}
}

func hashOf(s string) string {
	var e blob.Etag
	_, _ = io.WriteString(&e, s)
	return e.String()
}

// Only what can hold no program is shown in place.
func TestInline(t *testing.T) {
	w, f := storing(t)
	picture := pngOf(t, 900, 10)
	for name, c := range map[string]struct {
		content, query, kind, how string
	}{
		"picture":           {picture, "", "image/png", "inline"},
		"picture to save":   {picture, "&download", "image/png", "attachment"},
		"small picture":     {picture, "&size=thumb", "image/png", "inline"},
		"page":              {"<!DOCTYPE html><script>alert(1)</script>", "", "application/octet-stream", "attachment"},
		"page named so":     {"<!DOCTYPE html><p>", "&name=x.png", "application/octet-stream", "attachment"},
		"drawing":           {`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`, "", "application/octet-stream", "attachment"},
		"document":          {"%PDF-1.4\n", "", "application/pdf", "attachment"},
		"text":              {"hello", "", "text/plain; charset=utf-8", "attachment"},
		"nothing":           {"", "", "text/plain; charset=utf-8", "attachment"},
		"sound":             {"OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x13OpusHead\x01", "", "audio/ogg", "inline"},
		"name with a break": {"hello", "&name=a%0d%0aSet-Cookie:x", "text/plain; charset=utf-8", "attachment"},
	} {
		key := w.Stored(f, w.Alice, auth.UploadFile, c.content)
		got := w.Do("GET", f.Links.Address(key)+c.query, nil)
		how, _, _ := strings.Cut(got.Header.Get("Content-Disposition"), ";")
		if got.Status != 200 || got.Header.Get("Content-Type") != c.kind || how != c.how || got.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: got %d, %s, %s, want %s, %s", name, got.Status, got.Header.Get("Content-Type"), how, c.kind, c.how)
		}
	}
}

func TestFilesFromOtherOrigins(t *testing.T) {
	w, f := storing(t)
	key := w.Stored(f, w.Alice, auth.UploadFile, "hello")
	from := func(method, path, origin string) resttest.Answer {
		return w.Do(method, path, nil, func(r *http.Request) {
			r.Header.Set("Origin", origin)
			r.Header.Set("Access-Control-Request-Method", "PUT")
		})
	}
	for _, path := range []string{"/upload", "/buckets/parley/objects/eA/uploads", f.Links.Address(key)} {
		allowed := from("OPTIONS", path, "https://app.example.test")
		if allowed.Status != 204 || allowed.Header.Get("Access-Control-Allow-Origin") != "https://app.example.test" || !strings.Contains(allowed.Header.Get("Access-Control-Allow-Methods"), "PUT") {
			t.Errorf("%s: got %d %v", path, allowed.Status, allowed.Header)
		}
		if other := from("OPTIONS", path, "https://evil.example.test"); other.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: another origin may read", path)
		}
	}
	if got := from("GET", f.Links.Address(key), "https://app.example.test"); got.Status != 200 || got.Header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("got %d %v", got.Status, got.Header)
	}
}

// With files at a storage service this server only sends readers there.
func TestFilesElsewhere(t *testing.T) {
	f := resttest.Store(t, t.TempDir())
	q := &blob.Qiniu{Access: "a", Secret: "s", Domain: "https://files.example.test"}
	f.Disk, f.Scaler, f.Elsewhere = nil, nil, q.Address
	w := newWorld(t, func(o *rest.Options) { o.Files = f })
	w.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for query, want := range map[string]string{
		"":            "https://files.example.test/a/x.png?e=",
		"&size=thumb": "https://files.example.test/a/x.png?imageMogr2/auto-orient/thumbnail/360x360%3E/strip&e=",
		// A client's own command has to be part of what is signed there.
		"?imageView2/2/w/200":     "https://files.example.test/a/x.png?imageMogr2/auto-orient/thumbnail/360x360%3E/strip&e=",
		"&imageMogr2/auto-orient": "https://files.example.test/a/x.png?e=",
		"&download":               "https://files.example.test/a/x.png?attname=x.png&e=",
	} {
		got := w.Do("GET", f.Links.Address("a/x.png")+query, nil)
		if got.Status != 302 || !strings.HasPrefix(got.Header.Get("Location"), want) {
			t.Errorf("%q: got %d %s, want %s…", query, got.Status, got.Header.Get("Location"), want)
		}
	}
	if got := w.Do("GET", "/files/a/x.png", nil); got.Status != 403 {
		t.Errorf("without a signature: got %d", got.Status)
	}
	if got := w.Do("POST", "/upload", strings.NewReader("x")); got.Status != 404 {
		t.Errorf("an upload: got %d", got.Status)
	}
}

func FuzzUpload(f *testing.F) {
	store := resttest.Store(f, f.TempDir())
	g := resttest.Grant(f, store, "a1", auth.UploadImage)
	handler := rest.New(rest.Options{Files: store}, nil)
	form := "--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n" + g.Token + "\r\n--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n" + g.Key +
		"\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n"
	f.Add("", form+pngOf(f, 2, 2)+"\r\n--b--\r\n")
	f.Add("", "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n"+form)
	f.Add(g.Token, `{"parts":[{"partNumber":1,"etag":"x"}]}`)
	f.Add("parley:x:eyJzY29wZSI6ImEifQ==", "")
	path := "/buckets/parley/objects/" + base64.URLEncoding.EncodeToString([]byte(g.Key)) + "/uploads/00"
	f.Fuzz(func(t *testing.T, token, body string) {
		r := httptest.NewRequestWithContext(context.Background(), "POST", "/upload", strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		if token != "" {
			r = httptest.NewRequestWithContext(context.Background(), "POST", path, strings.NewReader(body))
			r.Header.Set("Authorization", "UpToken "+token)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code == http.StatusInternalServerError {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	})
}
