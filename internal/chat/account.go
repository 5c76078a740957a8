package chat

import "time"

// AccountID identifies a person: a GUID string, never empty for a stored account.
type AccountID string

// FileTransfer is the pseudo account with which everybody has a one-person
// chat between their own devices.
const FileTransfer AccountID = "file-transfer"

// Account is a person who can log in.
type Account struct {
	ID        AccountID
	Name      string // full name
	Avatar    string // URL, may be empty
	Email     string
	Active    bool // an inactive account cannot log in and is nobody's contact
	CreatedAt time.Time
}

// SocketID names one connection of an account, so that a push can spare the
// connection that caused it. Empty when the action did not come from a socket.
type SocketID string

// Actor is who does something: an account, through an application, on a socket.
type Actor struct {
	Account AccountID
	App     AppID    // the application that speaks for the account; may be empty
	Socket  SocketID // the acting connection; may be empty
}

// AccountPatch changes the fields that are not nil.
type AccountPatch struct {
	Name, Avatar, Email *string
	Active              *bool
}
