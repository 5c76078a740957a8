package chat

import (
	"crypto/rand"
	"encoding/base64"

	"github.com/google/uuid"
)

// newID returns a GUID that sorts by the time of its making, which keeps the
// indexes of storage compact.
func newID() string {
	id, err := uuid.NewV7()
	if err != nil {
		panic("chat: no randomness: " + err.Error()) // the system's generator never fails
	}
	return id.String()
}

// newSecret returns 32 random bytes as text without dots (a token with two of them
// would be taken for a JWT) that is safe in a URL.
func newSecret() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
