package files

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"parley/internal/auth"
	"parley/internal/blob"
	"parley/internal/chat"
	"parley/internal/rest/endpoint"
	"parley/internal/turn"
)

// Statuses of the storage service whose form this is (docs/protocol/upload.md),
// which its clients act on.
const (
	statusNoUpload = 612
	statusExists   = 614
)

const (
	maxForm    = 64 << 10 // bytes of a form beside the file
	maxToken   = 8 << 10  // bytes of the token, and of any other field
	maxVars    = 32       // fields of the uploader's own
	maxEarlies = 8        // files before their tokens that are held at the same time
)

// uploads serves the forms in which a storage service takes files.
type uploads struct {
	*Store
	log   *slog.Logger
	early *turn.Queue               // of files before their tokens, by address
	allow func(chat.AccountID) bool // whether the account may begin another one
	// stillGood reports whether an upload token that was given to the account at
	// that time is still valid.
	stillGood func(ctx context.Context, a chat.AccountID, given time.Time) (bool, error)
	full      fullDisk
}

// fullDisk logs once that uploads find the disk full, and once that they no longer
// do. Small files may fit where large ones do not, so it is over only when none was
// refused for a while.
type fullDisk struct {
	mu      sync.Mutex
	refused int // since it began; 0: it has not
	latest  time.Time
}

func (f *fullDisk) begin(ctx context.Context, log *slog.Logger) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refused == 0 {
		log.ErrorContext(ctx, "the disk is full: uploads are refused", "option", "upload.min-free")
	}
	f.refused++
	f.latest = time.Now()
}

func (f *fullDisk) end(log *slog.Logger) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refused > 0 && time.Since(f.latest) >= 5*time.Second {
		log.Info("uploads have space again", "refused", f.refused)
		f.refused = 0
	}
}

// refused is an answer with an error.
type refused struct {
	status int
	text   string
}

func (r *refused) Error() string { return r.text }

func refuse(status int, text string) error { return &refused{status, text} }

// serve writes the result of a handler as the answer. The deadline of the body moves on as long
// as data arrives.
func (u *uploads) serve(handle func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		body := &patient{r: r.Body, control: control, idle: u.Idle, until: time.Now().Add(unproven * u.Idle), ended: r.Body == http.NoBody}
		r = r.WithContext(context.WithValue(r.Context(), patientKey{}, body))
		r.Body = struct {
			io.Reader
			io.Closer
		}{body, r.Body}
		answer, err := handle(r)
		if err != nil {
			p := u.refusal(r, err)
			if isReadable(err) {
				_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, max(r.ContentLength, 0)))
			}
			body.leave()
			w.Header().Set("Connection", "close")
			u.count(outcome(p.status), 0)
			writeJSON(w, p.status, map[string]string{"error": p.text})
			return
		}
		body.leave()
		writeJSON(w, http.StatusOK, answer)
	}
}

// isReadable reports whether the rest of a refused file is read before the
// answer, because browsers do not see an answer that comes while they send. Uploads with these
// refusals have a good token and an accepted size.
func isReadable(err error) bool {
	for _, e := range []error{blob.ErrType, blob.ErrDamaged, blob.ErrPixels, blob.ErrExists, blob.ErrQuota, blob.ErrSpace, blob.ErrParts} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func outcome(status int) string {
	if status == http.StatusInternalServerError {
		return "failed"
	}
	return "refused"
}

func (u *uploads) count(outcome string, bytes int64) {
	if u.Uploaded != nil {
		u.Uploaded(outcome, bytes)
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // fails only if the client has disconnected
}

// unproven is how many times [Store.Idle] an upload without a good token may take. Without this
// limit, a client that sends a byte now and then would hold a connection, and one of maxEarlies, for a day.
const unproven = 4

type patientKey struct{}

// trust gives the request the time of an upload. It is called when the token is good.
func (u *uploads) trust(r *http.Request) {
	r.Context().Value(patientKey{}).(*patient).until = time.Now().Add(u.Resume)
}

// patient is a body whose deadline moves on with each read.
type patient struct {
	r       io.Reader
	control *http.ResponseController
	idle    time.Duration
	until   time.Time
	ended   bool
}

func (p *patient) Read(b []byte) (int, error) {
	deadline := time.Now().Add(p.idle)
	if deadline.After(p.until) {
		deadline = p.until
	}
	_ = p.control.SetReadDeadline(deadline) // a test's recorder has none
	n, err := p.r.Read(b)
	if errors.Is(err, io.EOF) {
		p.ended = true
		_ = p.control.SetReadDeadline(time.Time{}) // the work that follows has no deadline
	}
	return n, err
}

// leave gives up the rest of the body: net/http waits for it no longer than
// endpoint.UnreadTime before it sends the answer. Without a deadline, a client that never
// ends its form would keep the connection.
func (p *patient) leave() {
	if !p.ended {
		_ = p.control.SetReadDeadline(time.Now().Add(endpoint.UnreadTime))
	}
}

// refusal converts an error into the answer. A fault of the server is logged here, once.
func (u *uploads) refusal(r *http.Request, err error) *refused {
	var p *refused
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, auth.ErrExpired):
		return &refused{http.StatusUnauthorized, "expired token"}
	case errors.Is(err, auth.ErrInvalid):
		return &refused{http.StatusUnauthorized, "bad token"}
	case errors.Is(err, blob.ErrTooLarge):
		return &refused{http.StatusRequestEntityTooLarge, err.Error()}
	case errors.Is(err, blob.ErrType), errors.Is(err, blob.ErrQuota):
		return &refused{http.StatusForbidden, err.Error()}
	case errors.Is(err, blob.ErrDamaged):
		return &refused{http.StatusBadRequest, blob.ErrDamaged.Error()}
	case errors.Is(err, blob.ErrPixels), errors.Is(err, blob.ErrParts):
		return &refused{http.StatusBadRequest, err.Error()}
	case errors.Is(err, blob.ErrExists):
		return &refused{statusExists, err.Error()}
	case errors.Is(err, blob.ErrNoUpload):
		return &refused{statusNoUpload, err.Error()}
	case errors.Is(err, blob.ErrTooMany), errors.Is(err, blob.ErrBusy):
		return &refused{http.StatusTooManyRequests, err.Error()}
	case errors.Is(err, chat.ErrTooManyRequests):
		return &refused{http.StatusTooManyRequests, string(chat.ErrTooManyRequests)}
	case errors.Is(err, blob.ErrSpace):
		u.full.begin(r.Context(), u.log)
		return &refused{http.StatusInsufficientStorage, blob.ErrSpace.Error()}
	case errors.As(err, &timeout) && timeout.Timeout():
		return &refused{http.StatusRequestTimeout, "nothing has come for too long"}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), r.Context().Err() != nil:
		return &refused{http.StatusBadRequest, "the upload ended early"}
	}
	u.log.ErrorContext(r.Context(), "upload failed", "error", err)
	return &refused{http.StatusInternalServerError, endpoint.TextInternal}
}

// budget ends a form with too much data besides its file.
type budget struct {
	r    io.Reader
	left int64
}

var errTooMany = refuse(http.StatusTooManyRequests, string(chat.ErrTooManyRequests))

var errBudget = refuse(http.StatusRequestEntityTooLarge, "the form is too large")

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errBudget
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// uploadForm has the fields of a form that have been read.
type uploadForm struct {
	token, key, name string
	vars             customVars
	early            []byte // the file, when it came before the two
	hasFile          bool
}

// customVars are the uploader's own fields of a form, whose names begin with "x:". The
// answer contains them, as the answer of the storage service does.
type customVars map[string]string

const customPrefix = "x:"

// form stores a file of one request: multipart/form-data with token, key and file. A file
// after its token and key is written to disk as it arrives. A file before them is accepted
// up to [Store.MaxEarly].
func (u *uploads) form(r *http.Request) (any, error) {
	limited := &budget{r: r.Body, left: maxForm}
	r.Body = io.NopCloser(limited)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "expected multipart/form-data")
	}
	var form uploadForm
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, formError(err)
		}
		if part.FormName() != "file" {
			if err := form.field(part); err != nil {
				return nil, err
			}
			continue
		}
		if form.hasFile {
			return nil, refuse(http.StatusBadRequest, "there are two files")
		}
		form.hasFile = true
		if form.name == "" {
			form.name = part.FileName()
		}
		if form.token != "" && form.key != "" {
			stored, err := u.take(r, &form, part, limited)
			if err != nil {
				return nil, err
			}
			form.readTrailing(parts)
			return u.answer(stored, form.vars), nil
		}
		release, err := u.hold(r, &form, part, limited)
		if err != nil {
			return nil, err
		}
		defer release()
	}
	if !form.hasFile {
		return nil, refuse(http.StatusBadRequest, "the form has no file")
	}
	stored, err := u.take(r, &form, bytes.NewReader(form.early), limited)
	if err != nil {
		return nil, err
	}
	return u.answer(stored, form.vars), nil
}

// readTrailing reads the uploader's own fields after the file. The file has been stored, so
// a form that is damaged after it is answered without an error.
func (f *uploadForm) readTrailing(parts *multipart.Reader) {
	for {
		part, err := parts.NextPart()
		if err != nil {
			return
		}
		if strings.HasPrefix(part.FormName(), customPrefix) && f.field(part) != nil {
			return
		}
	}
}

// formError replaces an error that tells no more than that the form is malformed.
func formError(err error) error {
	var p *refused
	var timeout interface{ Timeout() bool }
	if errors.As(err, &p) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &timeout) {
		return err
	}
	return refuse(http.StatusBadRequest, "the form is damaged")
}

func (f *uploadForm) field(part *multipart.Part) error {
	name := part.FormName()
	var to *string
	switch {
	case name == "token":
		to = &f.token
	case name == "key":
		to = &f.key
	case name == "fname":
		to = &f.name
	case strings.HasPrefix(name, customPrefix):
		if len(f.vars) == maxVars {
			return refuse(http.StatusBadRequest, "the form has too many fields")
		}
	default:
		_, err := io.Copy(io.Discard, part)
		return err
	}
	value, err := io.ReadAll(io.LimitReader(part, maxToken+1))
	if err != nil {
		return err
	}
	if len(value) > maxToken {
		return refuse(http.StatusBadRequest, "the field "+name+" is too long")
	}
	if to != nil {
		*to = string(value)
		return nil
	}
	if f.vars == nil {
		f.vars = customVars{}
	}
	f.vars[name] = string(value)
	return nil
}

// hold keeps a file until its token is known. The client is not authenticated yet, so the
// number of such files is limited, and half of it for one address.
func (u *uploads) hold(r *http.Request, form *uploadForm, part io.Reader, limited *budget) (release func(), err error) {
	if release, err = u.early.TryEnter(turn.Address(turn.Peer(r.RemoteAddr))); err != nil {
		return nil, refuse(http.StatusServiceUnavailable, "the fields token and key must stand before the file now")
	}
	limited.left += u.MaxEarly
	form.early, err = io.ReadAll(io.LimitReader(part, u.MaxEarly+1))
	if err == nil && int64(len(form.early)) > u.MaxEarly {
		err = refuse(http.StatusRequestEntityTooLarge, "the fields token and key must stand before a file of this size")
	}
	if err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// verify checks a token for a key, and that nothing has ended since it was given: a token that was stolen must not
// outlive the revocation of everything else.
func (u *uploads) verify(ctx context.Context, token, key string) (auth.PutPolicy, error) {
	policy, err := u.Uploads.Verify(token, key)
	if err != nil || u.stillGood == nil {
		return policy, err
	}
	// Not from the deadline: the option upload.expiry may have had another value when the token was issued. A token of
	// an earlier version does not say when it was issued; it is good if nothing has ever ended.
	good, err := u.stillGood(ctx, chat.AccountID(policy.EndUser), time.Unix(policy.IssuedAt, 0))
	if err == nil && !good {
		err = auth.ErrInvalid
	}
	return policy, err
}

// take checks the token and stores the file.
func (u *uploads) take(r *http.Request, form *uploadForm, file io.Reader, limited *budget) (stored blob.Object, err error) {
	if form.token == "" || form.key == "" {
		return stored, refuse(http.StatusBadRequest, "the form needs the fields token and key")
	}
	policy, err := u.verify(r.Context(), form.token, form.key)
	if err != nil {
		return stored, err
	}
	u.trust(r)
	if !u.allow(chat.AccountID(policy.EndUser)) {
		return stored, errTooMany
	}
	if r.ContentLength > policy.FsizeLimit+maxForm {
		return stored, blob.ErrTooLarge
	}
	limited.left += policy.FsizeLimit + 1
	n := newObject(&policy, form.key, form.name)
	n.Size = min(max(r.ContentLength, 0), policy.FsizeLimit)
	err = u.within(&policy, n.Size, func() (int64, error) {
		stored, err = u.Disk.Put(r.Context(), n, file)
		return stored.Size, err
	})
	if err == nil {
		err = u.stored(r.Context(), stored)
	}
	return stored, err
}

// stored tells of a file that was stored.
func (u *uploads) stored(ctx context.Context, o blob.Object) error {
	if u.Stored == nil {
		return nil
	}
	return u.Stored(ctx, o)
}

func newObject(policy *auth.PutPolicy, key, name string) blob.NewObject {
	return blob.NewObject{Key: key, Name: name, Max: policy.FsizeLimit, Permits: policy.PermitsType, Picture: policy.Pictures()}
}

// within stores a file within the daily quota of the account. It reserves the told size or, if it
// is 0, the limit of the token.
func (u *uploads) within(policy *auth.PutPolicy, told int64, store func() (int64, error)) error {
	if u.Quota == nil {
		_, err := store()
		return err
	}
	if told == 0 {
		told = policy.FsizeLimit
	}
	if err := u.Quota.Reserve(policy.EndUser, told); err != nil {
		return err
	}
	n, err := store()
	return errors.Join(err, u.Quota.Settle(policy.EndUser, told, n))
}

// answer is the body that the token's policy requires, with the uploader's own fields.
func (u *uploads) answer(o blob.Object, vars customVars) map[string]any {
	u.count("stored", o.Size)
	u.full.end(u.log)
	out := map[string]any{
		"key": o.Key, "hash": o.Hash, "name": o.Name, "size": o.Size, "mimeType": o.Type, "width": nil, "height": nil,
		"fileExt": cmp.Or(vars["x:fileExt"], path.Ext(o.Name), path.Ext(o.Key)),
	}
	if o.Width > 0 {
		out["width"], out["height"] = o.Width, o.Height
	}
	for name, value := range vars {
		out[name] = value
	}
	return out
}

// etagOf returns a hash in the form of an ETag header.
func etagOf(hash string) string { return strconv.Quote(hash) }
