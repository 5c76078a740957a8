package files

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"parley/internal/auth"
	"parley/internal/blob"
	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// maxPartList is the maximum size of the list of parts that completes an upload, in bytes.
// It is enough for ten thousand parts.
const maxPartList = 2 << 20

// uploadPart is a part in the form of the storage service.
type uploadPart struct {
	Number int    `json:"partNumber"`
	Etag   string `json:"etag"`
	Size   int64  `json:"size,omitempty"`
}

// permitted reads the token and the key from a request for an upload in parts.
// The key is in the address in base64url, with or without padding.
func (u *uploads) permitted(r *http.Request) (auth.PutPolicy, string, error) {
	scheme, token := endpoint.Authorization(r.Header.Get("Authorization"))
	if scheme != "uptoken" || token == "" {
		return auth.PutPolicy{}, "", auth.ErrInvalid
	}
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(r.PathValue("object"), "="))
	if err != nil || len(text) == 0 {
		return auth.PutPolicy{}, "", refuse(http.StatusBadRequest, "the object is no key in base64url")
	}
	key := string(text)
	policy, err := u.verify(r.Context(), token, key)
	if err != nil {
		return auth.PutPolicy{}, "", err
	}
	if r.PathValue("bucket") != u.Uploads.Bucket {
		return auth.PutPolicy{}, "", auth.ErrInvalid
	}
	u.trust(r)
	return policy, key, nil
}

func (u *uploads) begin(r *http.Request) (any, error) {
	policy, key, err := u.permitted(r)
	if err != nil {
		return nil, err
	}
	if !u.allow(chat.AccountID(policy.EndUser)) {
		return nil, errTooMany
	}
	expires := time.Now().Add(u.Resume)
	id, err := u.Disk.Begin(policy.EndUser, key, expires)
	if err != nil {
		return nil, err
	}
	return map[string]any{"uploadId": id, "expireAt": expires.Unix()}, nil
}

func (u *uploads) part(r *http.Request) (any, error) {
	policy, key, err := u.permitted(r)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "a part has a number")
	}
	if r.ContentLength > policy.FsizeLimit {
		return nil, blob.ErrTooLarge
	}
	var part blob.Part
	err = u.within(&policy, max(r.ContentLength, 0), func() (int64, error) {
		part, err = u.Disk.PutPart(r.Context(), r.PathValue("upload"), key, number, policy.FsizeLimit, r.Body)
		return part.Size, err
	})
	if err != nil {
		return nil, err
	}
	if want := r.Header.Get("Content-MD5"); want != "" && !strings.EqualFold(want, part.MD5) {
		return nil, refuse(http.StatusNotAcceptable, "the part is another one than Content-MD5 says")
	}
	return map[string]string{"etag": part.Etag, "md5": part.MD5}, nil
}

func (u *uploads) parts(r *http.Request) (any, error) {
	_, key, err := u.permitted(r)
	if err != nil {
		return nil, err
	}
	parts, expires, err := u.Disk.Parts(r.PathValue("upload"), key)
	if err != nil {
		return nil, err
	}
	list := make([]uploadPart, len(parts))
	for i, p := range parts {
		list[i] = uploadPart{p.Number, p.Etag, p.Size}
	}
	return map[string]any{"uploadId": r.PathValue("upload"), "expireAt": expires.Unix(), "partNumberMarker": 0, "parts": list}, nil
}

func (u *uploads) complete(r *http.Request) (any, error) {
	policy, key, err := u.permitted(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, maxPartList+1))
	if err != nil {
		return nil, err
	}
	var body struct {
		Parts []uploadPart `json:"parts"`
		Name  string       `json:"fname"`
		Vars  customVars   `json:"customVars"`
	}
	if len(text) > maxPartList || json.Unmarshal(text, &body) != nil || len(body.Parts) > blob.MaxParts {
		return nil, refuse(http.StatusBadRequest, "expected a list of parts as JSON")
	}
	maps.DeleteFunc(body.Vars, func(name, _ string) bool { return !strings.HasPrefix(name, customPrefix) })
	if len(body.Vars) > maxVars {
		return nil, refuse(http.StatusBadRequest, "there are too many customVars")
	}
	parts := make([]blob.Part, len(body.Parts))
	for i, p := range body.Parts {
		parts[i] = blob.Part{Number: p.Number, Etag: p.Etag}
	}
	o, err := u.Disk.Complete(r.Context(), r.PathValue("upload"), newObject(&policy, key, body.Name), parts)
	if errors.Is(err, blob.ErrNoUpload) {
		// The upload may have been completed, while the answer was lost.
		if there, statErr := u.Disk.Stat(key); statErr == nil {
			if err := u.stored(r.Context(), there); err != nil {
				return nil, err
			}
			return u.answer(there, body.Vars), nil
		}
	}
	if err != nil {
		return nil, err
	}
	if err := u.stored(r.Context(), o); err != nil {
		return nil, err
	}
	return u.answer(o, body.Vars), nil
}

func (u *uploads) abort(r *http.Request) (any, error) {
	_, key, err := u.permitted(r)
	if err != nil {
		return nil, err
	}
	return struct{}{}, u.Disk.Abort(r.PathValue("upload"), key)
}
