package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path"

	"parley/internal/auth"
	"parley/internal/blob"
	"parley/internal/chat"
	"parley/internal/wire"
)

// StoreFile stores a file as if the account had uploaded it, and returns the file of
// a message; nil if files are not kept on disk. seconds is the length of a voice
// message or a video.
func (s *Server) StoreFile(ctx context.Context, owner chat.AccountID, t chat.MessageType, name string, data []byte, seconds float64) (json.RawMessage, error) {
	if s.uploads.Disk == nil {
		return nil, nil
	}
	kind, ok := map[chat.MessageType]auth.UploadKind{chat.TypeImage: 1, chat.TypeFile: 2, chat.TypeVoice: 3, chat.TypeVideo: 4}[t]
	if !ok {
		return nil, fmt.Errorf("messages of type %d have no file", t)
	}
	ext := path.Ext(name)
	g, err := s.uploads.Uploads.Grant(string(owner), kind, ext)
	if err != nil {
		return nil, err
	}
	o, err := s.uploads.Disk.Put(ctx, blob.NewObject{
		Key: g.Key, Name: name, Max: g.Max, Permits: func(string) bool { return true }, Picture: t == chat.TypeImage,
	}, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	f := wire.File{Key: &o.Key, Hash: &o.Hash, Size: &o.Size, Name: &name}
	if ext != "" {
		ft := ext[1:]
		f.Ft = &ft
	}
	if o.Width > 0 {
		width, height := int64(o.Width), int64(o.Height)
		f.Width, f.Height = &width, &height
	}
	if seconds > 0 {
		f.Len = &seconds
	}
	return json.Marshal(f)
}
