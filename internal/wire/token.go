package wire

import (
	"strings"

	"parley/internal/chat"
)

// UploadToken is the payload of [EventUploadToken].
type UploadToken struct {
	Type int    `json:"type" rule:"required" doc:"1 image, 2 attachment, 3 voice"`
	Ext  string `json:"ext,omitempty" rule:"max=16" doc:"ending of the file's name, with or without a dot"`
}

func (u *UploadToken) check() error {
	if u.Type < 1 || u.Type > 3 {
		return chat.Invalid("type", "must be between 1 and 3")
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
	Token string `json:"token" doc:"Qiniu upload token"`
	Key   string `json:"key" doc:"<account>/<year>/<month>/<day>/<unique>[.ext]"`
	URL   string `json:"url,omitempty" doc:"where to post the file"`
}

// Logout is the payload of [PushLogout].
type Logout struct {
	SessionID chat.SessionID `json:"sessionId" doc:"the log-in that has ended"`
}
