package blob

import (
	"errors"
	"time"
)

// Reasons for which a file is refused or not found. Other errors are faults of
// the machine.
var (
	ErrNotFound = errors.New("no such file")
	ErrExists   = errors.New("file exists")
	ErrTooLarge = errors.New("the file is too large")
	ErrType     = errors.New("files of this type are not taken here")
	ErrDamaged  = errors.New("the picture is damaged")
	ErrPixels   = errors.New("the picture has too many pixels")
	ErrSpace    = errors.New("the disk is full")
	ErrNoUpload = errors.New("no such upload")
	ErrParts    = errors.New("the parts do not make the file")
	ErrTooMany  = errors.New("too many uploads under way")
	ErrBusy     = errors.New("too many pictures of one account are waiting")
)

// Object describes a stored file.
type Object struct {
	Key      string    `json:"key"`
	Hash     string    `json:"hash"` // see [Etag]
	Name     string    `json:"name,omitempty"`
	Type     string    `json:"type"` // told from the content
	Size     int64     `json:"size"` // bytes
	Width    int       `json:"width,omitempty"`
	Height   int       `json:"height,omitempty"` // of a picture as it is shown, upright
	Picture  bool      `json:"picture,omitempty"`
	StoredAt time.Time `json:"storedAt"`
}
