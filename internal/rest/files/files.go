// Package files takes the uploads of clients and serves their files to everybody who has a signed
// address (docs/protocol/upload.md). Package blob stores them.
package files

import (
	"context"
	"strings"
	"time"

	"parley/internal/auth"
	"parley/internal/blob"
	"parley/internal/rest/endpoint"
	"parley/internal/turn"
)

// Store has the parts for uploads and downloads. Disk stores files on this server;
// without it they are at a storage service, to which clients upload directly.
type Store struct {
	Uploads *auth.Uploads
	Links   *blob.Links
	// Keeps reports whether the file of a key is kept here or at the storage service.
	Keeps   func(key string) bool
	Avatars *blob.Avatars
	// Scaler makes pictures in the sizes that clients show; nil: the storage service does.
	Scaler *blob.Scaler
	// Disk keeps the files; nil: they are at the addresses of Elsewhere.
	Disk *blob.Disk
	// Elsewhere signs an address at the storage service.
	Elsewhere func(key, name string, size blob.Size, save bool, expires time.Time) string
	// Quota limits the uploads of an account in a day; nil: no limit.
	Quota *blob.Quota
	// MaxEarly is the maximum size of a file that precedes its token in the form; 0: no file may.
	MaxEarly int64
	// Resume is the maximum duration of an upload in parts.
	Resume time.Duration
	// Idle is how long a client may send or take nothing. Until it has shown a good
	// token, a whole upload may take four times as long.
	Idle time.Duration
	// Stored is called for each file that was stored, before the answer. If it fails, the upload has failed, and
	// the client repeats it. It may be nil.
	Stored func(ctx context.Context, o blob.Object) error
	// Uploaded is called for each upload with its result and its size; may be nil.
	Uploaded func(outcome string, bytes int64)
}

// api has the endpoints of files.
type api struct {
	router *endpoint.Router
	store  *Store
}

// Add adds the endpoints of files to the router; without a store there are none. They have
// bodies and answers without JSON, so the document does not describe them.
func Add(r *endpoint.Router, store *Store) {
	r.Add(endpoint.Audience{Has: has, CORS: "GET, HEAD, POST, PUT, DELETE"})
	if store == nil {
		return
	}
	a := &api{router: r, store: store}
	r.Handle("GET /files/{key...}", a.file)
	r.Handle("GET /avatars/{name}", a.avatarFile)
	if store.Disk == nil {
		return
	}
	u := &uploads{Store: store, log: r.Logger, early: turn.New(turn.Limits{Slots: maxEarlies, PerKey: maxEarlies / 2}), allow: r.Allow}
	if r.Chat != nil {
		u.stillGood = r.Chat.StillGood
	}
	r.Handle("POST /upload", u.serve(u.form))
	const parts = "/buckets/{bucket}/objects/{object}/uploads"
	r.Handle("POST "+parts, u.serve(u.begin))
	r.Handle("PUT "+parts+"/{upload}/{number}", u.serve(u.part))
	r.Handle("GET "+parts+"/{upload}", u.serve(u.parts))
	r.Handle("POST "+parts+"/{upload}", u.serve(u.complete))
	r.Handle("DELETE "+parts+"/{upload}", u.serve(u.abort))
}

// has reports whether a path is that of a file or of an upload.
func has(path string) bool {
	return path == "/upload" || strings.HasPrefix(path, "/files/") || strings.HasPrefix(path, "/avatars/") || strings.HasPrefix(path, "/buckets/")
}
