package endpoint

import (
	"bytes"
	"cmp"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"parley/internal/chat"
)

const (
	idempotencyKey      = "Idempotency-Key"
	idempotencyReplayed = "Idempotency-Replayed"
	maxIdempotencyKey   = 255
)

func idempotencyParam() *huma.Param {
	longest := maxIdempotencyKey
	return &huma.Param{
		Name: idempotencyKey, In: "header",
		Description: "An unguessable value (a random UUID) that the caller chooses and repeats on a retry: the request is carried out only once, and the " +
			"retry gets the same answer with `Idempotency-Replayed: true`. Kept for at least 24 hours. The same key with another request " +
			"is refused with 422. A refused request changes nothing, and its key can be used again.",
		Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &longest, Pattern: "^[!-~]+$"},
	}
}

// replays carries out a request with an idempotency key once.
//
//  1. While a request is carried out, others with its key wait for it here.
//  2. The transaction that carries it out also stores its answer
//     ([chat.WithReplay]): neither a crash nor a second node can carry it out
//     twice, and its answer is never lost. Of two nodes with the same key, the one that
//     commits later changes nothing and gives the answer of the other one.
//  3. The answer may hold a secret (an issued token), so it is stored encrypted
//     with a key derived from the idempotency key, of which only a hash is stored.
//  4. Refusals are not stored: they changed nothing.
type replays struct {
	router *Router

	mu      sync.Mutex
	ongoing map[replayID]chan struct{} // closed when it is done
}

type replayID struct {
	app chat.AppID
	key string // hash of the caller's key
}

func newReplays(r *Router) *replays {
	return &replays{router: r, ongoing: map[replayID]chan struct{}{}}
}

// serve answers a request of the caller, which is named within the application:
// empty for the application itself, or one of its accounts.
func (rs *replays) serve(w http.ResponseWriter, r *http.Request, app chat.AppID, caller chat.AccountID, body []byte, next http.HandlerFunc) {
	keys := r.Header[idempotencyKey]
	if len(keys) != 1 || !validIdempotencyKey(keys[0]) {
		rs.router.Refuse(w, r, Problem(http.StatusUnprocessableEntity, "the idempotency key is not valid", &huma.ErrorDetail{
			Location: "header." + idempotencyKey, Message: "must be given once, with 1 to 255 visible ASCII characters",
		}))
		return
	}
	id := replayID{app: app, key: digest("name", keys[0])}
	if caller != "" {
		id.key = digest("name of "+string(caller), keys[0])
	}
	if err := rs.enter(r.Context(), id); err != nil {
		rs.router.Refuse(w, r, Problem(http.StatusConflict, "a request with this idempotency key is still being carried out"))
		return
	}
	defer rs.leave(id)

	print := fingerprint(r, body)
	stored, found, err := rs.router.Chat.Replay(r.Context(), id.app, id.key)
	switch {
	case err != nil:
		rs.router.Refuse(w, r, rs.router.Refusal(r.Context(), &huma.Operation{OperationID: "replay"}, err))
	case found:
		rs.repeat(w, r, keys[0], print, stored)
	default:
		rs.carryOut(w, r, id, keys[0], print, next)
	}
}

// keyed is a request with an idempotency key that is being carried out.
type keyed struct {
	id    replayID
	key   string // as the caller chose it
	print [32]byte
}

type keyedKey struct{}

// KeepAnswer prepares the one call of the service that carries out a request with
// an idempotency key: show makes the answer from its result.
func KeepAnswer[R, O any](ctx context.Context, o Operation, show func(R) *O) context.Context {
	k, ok := ctx.Value(keyedKey{}).(keyed)
	if !ok {
		return ctx
	}
	return chat.WithReplay(ctx, chat.ReplayMark{
		App: k.id.app, Key: k.id.key, Fingerprint: k.print,
		Answer: func(result any) (int, []byte, error) {
			r, ok := result.(R)
			if !ok {
				return 0, nil, fmt.Errorf("endpoint: %s cannot make its answer of %T", o.ID, result)
			}
			status, body, err := encodeAnswer(o, show(r))
			return status, seal(k.key, body), err
		},
	})
}

// encodeAnswer returns what huma sends for an output of the operation.
func encodeAnswer(o Operation, out any) (int, []byte, error) {
	status := cmp.Or(o.Status, http.StatusOK)
	body := reflect.Indirect(reflect.ValueOf(out)).FieldByName("Body")
	if !body.IsValid() {
		return status, nil, nil
	}
	var text bytes.Buffer
	err := huma.DefaultJSONFormat.Marshal(&text, body.Interface())
	return status, text.Bytes(), err
}

// carryOut records the answer of the operation in memory. The answer shows whether another node
// has already carried out a request with the same key.
func (rs *replays) carryOut(w http.ResponseWriter, r *http.Request, id replayID, key string, print [32]byte, next http.HandlerFunc) {
	answer := &recorded{header: w.Header(), status: http.StatusOK}
	next(answer, r.WithContext(context.WithValue(r.Context(), keyedKey{}, keyed{id, key, print})))
	if answer.status == http.StatusConflict {
		if stored, found, err := rs.router.Chat.Replay(r.Context(), id.app, id.key); err == nil && found {
			w.Header().Del("Content-Type")
			rs.repeat(w, r, key, print, stored)
			return
		}
	}
	answer.send(w)
}

// repeat sends a stored answer again, if the request is the same.
func (rs *replays) repeat(w http.ResponseWriter, r *http.Request, key string, print [32]byte, stored chat.Replay) {
	if stored.Fingerprint != print {
		rs.router.Refuse(w, r, Problem(http.StatusUnprocessableEntity, "this idempotency key was used for another request", &huma.ErrorDetail{
			Location: "header." + idempotencyKey, Message: "was used for another request",
		}))
		return
	}
	w.Header().Set(idempotencyReplayed, "true")
	body, ok := open(key, stored.Body)
	if stored.Status == 0 || !ok {
		// Left by a version that stored the answer after the commit, and was killed between.
		rs.router.Refuse(w, r, Problem(http.StatusConflict, "this request was carried out, but its answer was lost: read what it did"))
		return
	}
	if len(body) > 0 {
		w.Header().Set("Content-Type", "application/json")
	}
	(&recorded{status: stored.Status, body: *bytes.NewBuffer(body)}).send(w)
}

// enter waits until no other request with the same key is running.
func (rs *replays) enter(ctx context.Context, id replayID) error {
	for {
		rs.mu.Lock()
		busy, ok := rs.ongoing[id]
		if !ok {
			rs.ongoing[id] = make(chan struct{})
			rs.mu.Unlock()
			return nil
		}
		rs.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (rs *replays) leave(id replayID) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	close(rs.ongoing[id])
	delete(rs.ongoing, id)
}

func validIdempotencyKey(key string) bool {
	visible := func(r rune) bool { return r >= '!' && r <= '~' }
	return key != "" && len(key) <= maxIdempotencyKey && strings.IndexFunc(key, func(r rune) bool { return !visible(r) }) < 0
}

// fingerprint distinguishes requests with the same key.
func fingerprint(r *http.Request, body []byte) [32]byte {
	h := sha256.New()
	for _, part := range []string{r.Method, r.URL.Path, r.URL.RawQuery} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	h.Write(body)
	return [32]byte(h.Sum(nil))
}

// digest derives a name or a cipher key from an idempotency key. Neither reveals the other.
func digest(purpose, key string) string {
	sum := sha256.Sum256([]byte("parley idempotency " + purpose + "\n" + key))
	return hex.EncodeToString(sum[:])
}

func sealer(key string) cipher.AEAD {
	sum := sha256.Sum256([]byte(digest("seal", key)))
	block, err := aes.NewCipher(sum[:])
	if err != nil {
		panic("endpoint: " + err.Error()) // only for a key of a wrong length
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("endpoint: " + err.Error())
	}
	return aead
}

func seal(key string, body []byte) []byte { return sealer(key).Seal(nil, nil, body, nil) }

func open(key string, sealed []byte) ([]byte, bool) {
	body, err := sealer(key).Open(nil, nil, sealed, nil)
	return body, err == nil
}

// recorded is an answer in memory; its headers go to the caller directly.
type recorded struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *recorded) Header() http.Header         { return a.header }
func (a *recorded) WriteHeader(status int)      { a.status = status }
func (a *recorded) Write(b []byte) (int, error) { return a.body.Write(b) }

func (a *recorded) send(w http.ResponseWriter) {
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()) // if the caller has disconnected, the answer is kept for a retry
}
