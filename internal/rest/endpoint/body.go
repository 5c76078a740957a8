package endpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// UnreadTime is the time limit for the rest of a body that the handler does not read. Many
// clients read the answer only after they have sent the whole body.
const UnreadTime = 2 * time.Second

// readBody reads the whole body within the limits of size and time.
func (r *Router) readBody(w http.ResponseWriter, req *http.Request, most int64) ([]byte, *huma.ErrorModel) {
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	// The recorder of a test has no deadlines, and no slow client.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(r.ReadTimeout))
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, most))
	if err == nil {
		_ = control.SetReadDeadline(time.Time{})
		return body, nil
	}
	// net/http reads the rest of the body before it closes the connection.
	_ = control.SetReadDeadline(time.Now().Add(UnreadTime))
	w.Header().Set("Connection", "close")
	var tooLarge *http.MaxBytesError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &tooLarge):
		return nil, Problem(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d bytes", tooLarge.Limit))
	case errors.As(err, &timeout) && timeout.Timeout():
		return nil, Problem(http.StatusRequestTimeout, "the body took too long to arrive")
	default:
		return nil, Problem(http.StatusBadRequest, "the body ended early")
	}
}

// unmarshal decodes a body. It refuses bytes that are no UTF-8, because encoding/json would
// replace them, and the stored text would differ from the sent one.
func (r *Router) unmarshal(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errors.New("is not valid UTF-8")
	}
	if depth(data) > r.MaxDepth {
		return fmt.Errorf("is nested deeper than %d levels", r.MaxDepth)
	}
	return json.Unmarshal(data, v)
}

// depth returns how deep the arrays and objects of a JSON text are nested. The result is
// undefined for a text that is no JSON, which the parser refuses.
func depth(data []byte) int {
	deepest, now, inString := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}

// badAddress refuses paths and queries that are not UTF-8 after unescaping, or that contain a
// NUL, which PostgreSQL cannot store.
func badAddress(r *http.Request) *huma.ErrorModel {
	if !plain(r.URL.Path) {
		return Problem(http.StatusBadRequest, "the path is not valid UTF-8 text", &huma.ErrorDetail{Location: "path", Message: "must be UTF-8 without NUL"})
	}
	if r.URL.RawQuery == "" {
		return nil
	}
	for name, values := range r.URL.Query() {
		for _, v := range values {
			if !plain(name) || !plain(v) {
				return Problem(http.StatusBadRequest, "the query is not valid UTF-8 text", &huma.ErrorDetail{Location: "query", Message: "must be UTF-8 without NUL"})
			}
		}
	}
	return nil
}

func plain(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }
