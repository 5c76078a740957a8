package wire

import (
	"strings"

	"parley/internal/chat"
)

// UploadToken is the payload of [EventUploadToken].
type UploadToken struct {
	Type int    `json:"type" rule:"required" doc:"1 image, 2 attachment, 3 voice, 4 video"`
	Ext  string `json:"ext,omitempty" rule:"max=16" doc:"extension of the file's name, with or without a dot"`
}

func (u *UploadToken) check() error {
	if u.Type < 1 || u.Type > 4 {
		return chat.Invalid("type", "must be between 1 and 4")
	}
	u.Ext = strings.TrimPrefix(u.Ext, ".")
	for _, c := range u.Ext {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return chat.Invalid("ext", "must be letters and digits")
		}
	}
	return nil
}

// Upload is the result of [EventUploadToken].
type Upload struct {
	Token     string     `json:"token" doc:"upload token, in the form of Qiniu"`
	Key       string     `json:"key" doc:"<account>/<year>/<month>/<day>/<unique>[.ext]"`
	Address   string     `json:"address,omitempty" doc:"address for the POST request with the file; relative to the server's address if public-url is not set"`
	MaxSize   int64      `json:"maxSize,omitempty" doc:"maximum size of the file, in bytes"`
	ChunkSize int64      `json:"chunkSize,omitempty" doc:"size of the parts for larger files; absent: send in one piece"`
	Fields    FormFields `json:"fields,omitempty" doc:"fields of the form, instead of token and key, if the storage service needs others; the file follows them"`
}

// FormFields are the fields of a form, by name.
type FormFields map[string]string

// Logout is the payload of [PushLogout].
type Logout struct {
	SessionID string `json:"sessionId" doc:"the log-in that has ended: the id of its session or, for a client that connected with pss_id in the query or the cookie, that value"`
}
