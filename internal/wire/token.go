package wire

import (
	"strings"

	"parley/internal/chat"
)

// UploadToken is the payload of [EventUploadToken].
type UploadToken struct {
	Type int    `json:"type" rule:"required" doc:"1 image, 2 attachment, 3 voice, 4 video"`
	Ext  string `json:"ext,omitempty" rule:"max=16" doc:"ending of the file's name, with or without a dot"`
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
	Token     string     `json:"token" doc:"upload token of Qiniu's form"`
	Key       string     `json:"key" doc:"<account>/<year>/<month>/<day>/<unique>[.ext]"`
	Address   string     `json:"address,omitempty" doc:"where to post the file; relative to the server where it has no public address"`
	MaxSize   int64      `json:"maxSize,omitempty" doc:"bytes that the file may have"`
	ChunkSize int64      `json:"chunkSize,omitempty" doc:"size of the parts in which to send what is larger; absent: in one piece"`
	Fields    FormFields `json:"fields,omitempty" doc:"fields of the form, in place of token and key, where the storage service wants others; the file stands after them"`
}

// FormFields are the fields of a form, by name.
type FormFields map[string]string

// Logout is the payload of [PushLogout].
type Logout struct {
	SessionID string `json:"sessionId" doc:"the log-in that has ended: its session's id or, for a client that came with pss_id in the query or the cookie, that value"`
}
