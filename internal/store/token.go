package store

import (
	"math"
	"time"

	"parley/internal/chat"
)

const tokenColumns = "session, hash, account, app, label, created_at, expires_at, revoked_at, seen_at, proven_at"

func readToken(scan scanFunc) (k chat.Token, err error) {
	var hash []byte
	err = scan(&k.Session, &hash, &k.Account, text[chat.AppID]{&k.App}, &k.Label,
		when{&k.CreatedAt}, when{&k.ExpiresAt}, when{&k.RevokedAt}, when{&k.SeenAt}, when{&k.ProvenAt})
	copy(k.Hash[:], hash)
	return k, err
}

func (t *tx) CreateToken(k chat.Token) error {
	return t.insert("INSERT INTO token ("+tokenColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		string(k.Session), k.Hash[:], string(k.Account), orNull(k.App), k.Label,
		millis(k.CreatedAt), millis(k.ExpiresAt), millis(k.RevokedAt), millis(k.SeenAt), millis(k.ProvenAt))
}

func (t *tx) TokenByHash(hash [32]byte) (chat.Token, error) {
	return first(t, readToken, "SELECT "+tokenColumns+" FROM token WHERE hash = ?", hash[:])
}

func (t *tx) TokenBySession(id chat.SessionID) (chat.Token, error) {
	return first(t, readToken, "SELECT "+tokenColumns+" FROM token WHERE session = ?", string(id))
}

func (t *tx) Tokens(of chat.AccountID) ([]chat.Token, error) {
	return list(t, readToken, "SELECT "+tokenColumns+" FROM token WHERE account = ? ORDER BY created_at DESC, session", string(of))
}

func (t *tx) RevokeToken(id chat.SessionID, at time.Time) error {
	return t.one("UPDATE token SET revoked_at = CASE WHEN revoked_at = 0 THEN ? ELSE revoked_at END WHERE session = ?",
		millis(at), string(id))
}

// RevokeJWT also forgets the tokens that have expired: they are refused for that.
func (t *tx) RevokeJWT(session chat.SessionID, account chat.AccountID, at, expires time.Time) error {
	if _, err := t.exec("DELETE FROM revoked_jwt WHERE expires_at < ?", millis(at)); err != nil {
		return err
	}
	until := millis(expires)
	if until == 0 {
		until = math.MaxInt64
	}
	_, err := t.exec("INSERT INTO revoked_jwt (session, account, at, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		string(session), orNull(account), millis(at), until)
	return err
}

func (t *tx) JWTRevoked(session chat.SessionID) (bool, error) {
	return t.bool("SELECT EXISTS (SELECT 1 FROM revoked_jwt WHERE session = ?)", string(session))
}
