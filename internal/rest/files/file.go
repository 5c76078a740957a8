package files

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/internal/blob"
	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// sandbox is the Content-Security-Policy of files. A file that a browser opens as a page runs no
// script and loads nothing.
const sandbox = "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; sandbox"

// file serves a file to everybody who has its signed address (docs/protocol/upload.md).
func (a *api) file(w http.ResponseWriter, r *http.Request) {
	f := a.store
	key, query := r.PathValue("key"), fileQuery(r.URL.RawQuery)
	if !f.Links.Verify(key, query.Get("e"), query.Get("s")) {
		a.refuseFile(w, r, endpoint.Problem(http.StatusForbidden, "this address is over, or was never given"))
		return
	}
	size, byCommand := blob.Size(query.Get("size")), false
	if !query.Has("size") {
		size = commandSize(query)
		byCommand = size != ""
	}
	if size != "" && size.Points() == 0 {
		a.refuseFile(w, r, endpoint.Problem(http.StatusBadRequest, "size is thumb or preview"))
		return
	}
	name, save := query.Get("name"), query.Has("download")
	if size != "" && f.Scaler != nil {
		file, o, err := f.Scaler.Open(r.Context(), key, size)
		// The clients that append commands show the original as well.
		if !byCommand || !isNoPicture(err) {
			a.sendFile(w, r, file, o, name, save, err)
			return
		}
		size = ""
	}
	if f.Disk != nil {
		file, o, err := f.Disk.Open(key)
		a.sendFile(w, r, file, o, name, save, err)
		return
	}
	// Browsers may cache the redirect for a while; its target works for longer.
	w.Header().Set("Cache-Control", "private, max-age=300")
	http.Redirect(w, r, f.Elsewhere(key, name, size, save, time.Now().Add(15*time.Minute)), http.StatusFound)
}

// fileQuery reads the query of a file's address. Clients of the storage service
// append its commands for smaller pictures to any address of a picture:
//
//	?e=1&s=2?imageView2/2/w/200
//	?e=1&s=2&imageMogr2/auto-orient/thumbnail/200x200
func fileQuery(raw string) url.Values {
	query, _ := url.ParseQuery(strings.NewReplacer("?", "&", "|", "&").Replace(raw)) // malformed parameters are left out
	return query
}

// commandSize returns the smallest size that is as large as the picture that the
// storage service's commands ask for; "" for the original.
func commandSize(query url.Values) blob.Size {
	longest := 0
	for command := range query {
		longest = max(longest, commandPoints(command))
	}
	for _, size := range []blob.Size{blob.Thumb, blob.Preview} {
		if longest > 0 && longest <= size.Points() {
			return size
		}
	}
	return ""
}

// commandPoints returns the longest side that a command asks for; 0: none.
func commandPoints(command string) (longest int) {
	words := strings.Split(command, "/")
	read := func(number string) {
		n, err := strconv.Atoi(number)
		if err == nil {
			longest = max(longest, n)
		}
	}
	switch words[0] {
	case "imageView2": // imageView2/<mode>/w/<width>/h/<height>
		for i := 2; i+1 < len(words); i += 2 {
			if words[i] == "w" || words[i] == "h" {
				read(words[i+1])
			}
		}
	case "imageMogr2": // imageMogr2/…/thumbnail/<width>x<height>
		for i, word := range words[:len(words)-1] {
			if word != "thumbnail" || strings.HasSuffix(words[i+1], "p") {
				continue // a percentage tells no size
			}
			width, height, _ := strings.Cut(strings.Trim(words[i+1], "!<>^@r"), "x")
			read(width)
			read(height)
		}
	}
	return longest
}

// sendFile answers with a stored file, in parts where a part is asked for. A key
// never changes its content, so that browsers keep what they have.
func (a *api) sendFile(w http.ResponseWriter, r *http.Request, file *os.File, o blob.Object, name string, save bool, err error) {
	if err != nil {
		a.refuseFile(w, r, a.fileProblem(r.Context(), err))
		return
	}
	defer file.Close()
	if name == "" {
		name = o.Name
	}
	h := w.Header()
	h.Set("Content-Type", blob.ServedType(o.Type))
	h.Set("Content-Disposition", blob.Disposition(o.Type, name, save))
	h.Set("Content-Security-Policy", sandbox)
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	if o.Hash != "" {
		h.Set("Etag", etagOf(o.Hash))
	}
	serveContent(w, r, file, o, a.store.Idle)
}

func (a *api) avatarFile(w http.ResponseWriter, r *http.Request) {
	file, o, err := a.store.Avatars.Open(r.PathValue("name"))
	if err != nil {
		a.refuseFile(w, r, a.fileProblem(r.Context(), err))
		return
	}
	defer file.Close()
	h := w.Header()
	h.Set("Content-Type", o.Type)
	h.Set("Content-Security-Policy", sandbox)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Etag", etagOf(o.Hash))
	serveContent(w, r, file, o, a.store.Idle)
}

// serveContent is [http.ServeContent] with a deadline for each part that the client takes.
func serveContent(w http.ResponseWriter, r *http.Request, file *os.File, o blob.Object, idle time.Duration) {
	control := http.NewResponseController(w)
	http.ServeContent(&eager{w, control, idle}, r, "", o.StoredAt, file)
	_ = control.SetWriteDeadline(time.Time{})
}

type eager struct {
	http.ResponseWriter
	control *http.ResponseController
	idle    time.Duration
}

func (e *eager) Write(b []byte) (int, error) {
	_ = e.control.SetWriteDeadline(time.Now().Add(e.idle)) // a test's recorder has none
	return e.ResponseWriter.Write(b)
}

func (a *api) fileProblem(ctx context.Context, err error) *huma.ErrorModel {
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return endpoint.Problem(http.StatusNotFound, "there is no such file")
	case isNoPicture(err):
		return endpoint.Problem(http.StatusUnsupportedMediaType, "this is no picture that can be drawn smaller")
	case errors.Is(err, blob.ErrBusy):
		return endpoint.Problem(http.StatusTooManyRequests, string(chat.ErrTooManyRequests))
	case ctx.Err() != nil:
		return endpoint.Problem(http.StatusServiceUnavailable, endpoint.TextTimeout)
	}
	a.router.Logger.ErrorContext(ctx, "file not served", "error", err)
	return endpoint.Problem(http.StatusInternalServerError, endpoint.TextInternal)
}

// isNoPicture reports whether a file cannot be drawn smaller.
func isNoPicture(err error) bool {
	return errors.Is(err, blob.ErrType) || errors.Is(err, blob.ErrDamaged) || errors.Is(err, blob.ErrPixels) || errors.Is(err, blob.ErrTooLarge)
}

func (a *api) refuseFile(w http.ResponseWriter, r *http.Request, p *huma.ErrorModel) {
	a.router.Refuse(w, r, p)
}
