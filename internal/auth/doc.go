// Package auth makes and checks proofs of identity that need no database: JSON Web
// Tokens that a host application signs, upload tokens in the format of Qiniu, sign-in
// with an OpenID Connect provider, random secrets, and hashes of passwords.
//
// It knows nothing of accounts or sockets. Package chat handles opaque access tokens;
// their hashes are in the database.
package auth
