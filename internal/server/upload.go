package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"parley/internal/auth"
	"parley/internal/config"
)

// newUploads returns what signs upload tokens.
func newUploads(c config.Config) (*auth.Uploads, error) {
	keys := auth.QiniuKey{Access: c.Upload.AccessKey, Secret: c.Upload.SecretKey}
	if keys.Access == "" {
		secret, err := folderSecret(c.Data)
		if err != nil {
			return nil, err
		}
		keys = auth.QiniuKey{Access: "parley", Secret: secret}
	}
	return &auth.Uploads{
		Keys:     keys,
		Bucket:   c.Upload.Bucket,
		Expiry:   c.Upload.Expiry,
		MaxImage: int64(c.Upload.MaxImage),
		MaxFile:  int64(c.Upload.MaxFile),
		MaxVoice: int64(c.Upload.MaxVoice),
		Zone:     zone(c),
	}, nil
}

// folderSecret reads the secret that uploads are signed with where no account of
// a storage service is configured, and makes it at the first start. The caller
// holds the folder.
func folderSecret(folder string) (string, error) {
	name := filepath.Join(folder, "upload.key")
	text, err := os.ReadFile(name)
	if err == nil {
		if secret := strings.TrimSpace(string(text)); secret != "" {
			return secret, nil
		}
		return "", fmt.Errorf("%s is empty; remove it, and a new key is made", name)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("upload key: %w", err)
	}
	secret := auth.NewSecret()
	// Written beside and renamed: a start that breaks off leaves no half of a key.
	temporary := name + ".new"
	if err := os.WriteFile(temporary, []byte(secret+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("upload key: %w", err)
	}
	if err := os.Rename(temporary, name); err != nil {
		return "", fmt.Errorf("upload key: %w", err)
	}
	return secret, nil
}
