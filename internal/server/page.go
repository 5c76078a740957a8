package server

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"sync"
)

// pageRoutes are the addresses within the web client, which opens at each of them.
var pageRoutes = []string{
	"/{$}", "/sign-in", "/invite", "/confirm-email", "/chat", "/chat/", "/inbox", "/inbox/", "/people", "/people/", "/search", "/settings", "/settings/", "/admin", "/admin/",
}

// pages serves the web client out of the binary.
type pages struct {
	files  map[string]*pageFile // by their address
	policy pagePolicy
}

// newPages finds the files of the client, which people reach below base. The page may
// also speak to the addresses where files go.
func newPages(client fs.FS, base string, uploads, pictures []string) (*pages, error) {
	p := &pages{files: map[string]*pageFile{}, policy: newPagePolicy(uploads, pictures)}
	err := fs.WalkDir(client, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			p.files["/"+name] = newPageFile(client, base, name, info.Size())
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("web client: %w", err)
	}
	if p.files["/index.html"] == nil {
		return nil, fmt.Errorf("web client: index.html: %w", fs.ErrNotExist)
	}
	return p, nil
}

// register puts the client's addresses on the mux.
func (p *pages) register(mux *http.ServeMux) {
	for _, route := range pageRoutes {
		mux.HandleFunc("GET "+route, p.page)
	}
	for address, file := range p.files {
		if address != "/index.html" {
			mux.HandleFunc("GET "+address, func(w http.ResponseWriter, r *http.Request) { p.file(w, r, file) })
		}
	}
}

// page answers with the one document of the client, which shows what the address says.
func (p *pages) page(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", p.policy.of(r.Host))
	h.Set("Permissions-Policy", "microphone=(self), geolocation=(self), camera=(), payment=(), usb=(), display-capture=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	p.file(w, r, p.files["/index.html"])
}

func (p *pages) file(w http.ResponseWriter, r *http.Request, f *pageFile) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", f.cache)
	packed := f.packed()
	tag, body := packed.tag, packed.body
	if f.compressible {
		h.Set("Vary", "Accept-Encoding")
	}
	if packed.body != nil && acceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		tag = strings.TrimSuffix(tag, `"`) + `-gzip"`
	} else {
		body = f.read()
	}
	h.Set("ETag", tag)
	if tag == r.Header.Get("If-None-Match") {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader has gone: nobody to tell
	}
}

// pageFile is a file of the client. It stays in the binary until somebody asks
// for it: a server that nobody opens in a browser has no memory for it.
type pageFile struct {
	kind, cache  string
	compressible bool
	read         func() []byte
	packed       func() packed // made when first asked for
}

// packed is a file as most browsers get it. body is nil where it cannot be made
// smaller.
type packed struct {
	tag  string
	body []byte
}

func newPageFile(client fs.FS, base, name string, size int64) *pageFile {
	f := &pageFile{kind: contentType(name), cache: "no-cache"}
	f.read = func() []byte {
		body, _ := fs.ReadFile(client, name) // it was found, and lies in memory
		if name == "index.html" {
			// The document names its files as if it lay beside them, and is served at addresses of any depth.
			body = bytes.ReplaceAll(body, []byte(`="./`), []byte(`="`+base+`/`))
		}
		return body
	}
	// Their names change with their content.
	if strings.HasPrefix(name, "assets/") {
		f.cache = "public, max-age=31536000, immutable"
	}
	switch path.Ext(name) {
	case ".html", ".js", ".css", ".svg", ".json", ".webmanifest", ".txt":
		f.compressible = size > 512
	}
	f.packed = sync.OnceValue(func() packed {
		body := f.read()
		sum := sha256.Sum256(body)
		p := packed{tag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
		if f.compressible {
			p.body = compress(body)
		}
		return p
	})
	return f
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is a good one
	_, _ = z.Write(body)                                    // to memory
	_ = z.Close()
	return bytes.Clone(out.Bytes())
}

// contentType does not ask the machine, which may know other types or none.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	case ".mp3":
		return "audio/mpeg"
	case ".wav":
		return "audio/wav"
	case ".json":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	default:
		return cmp.Or(mime.TypeByExtension(ext), "application/octet-stream")
	}
}

// acceptsGzip reads Accept-Encoding as far as browsers write it.
func acceptsGzip(accepted string) bool {
	for part := range strings.SplitSeq(accepted, ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			quality = strings.ReplaceAll(quality, " ", "")
			return quality != "q=0" && quality != "q=0.0" && quality != "q=0.00" && quality != "q=0.000"
		}
	}
	return false
}

// pagePolicy is what the page may load and where it may connect: to itself, and
// to where files are kept. Pictures, sound and films may come from other places.
type pagePolicy struct{ uploads, media string }

// newPagePolicy takes addresses of uploads, and origins of pictures as the option
// http.picture-origins has them.
func newPagePolicy(uploads, pictures []string) pagePolicy {
	p := pagePolicy{}
	for _, address := range uploads {
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			p.uploads += " " + u.Scheme + "://" + u.Host
		}
	}
	p.media = p.uploads
	for _, source := range pictures {
		if source == "*" {
			source = "https: http:"
		}
		p.media += " " + source
	}
	return p
}

// plainHost is what may be copied out of a request into a header.
var plainHost = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]{1,5})?$|^\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?$`)

func (p pagePolicy) of(host string) string {
	connect := "'self'" + p.uploads
	// Older Safari does not take 'self' for sockets.
	if plainHost.MatchString(host) {
		connect += " ws://" + host + " wss://" + host
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:" + p.media + "; media-src 'self' blob:" + p.media + "; " +
		"connect-src " + connect + "; font-src 'self'; manifest-src 'self'; worker-src 'self'; " +
		"frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
}
