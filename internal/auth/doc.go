// Package auth makes and checks what proves who somebody is outside of the
// database: JSON Web Tokens that a host application signs, upload tokens of the
// Qiniu form, sign-in with a provider of OpenID Connect, and random secrets; and
// the hashes of passwords.
//
// It knows nothing of accounts or sockets. Opaque access tokens, which live
// hashed in the database, are the chat package's.
package auth
