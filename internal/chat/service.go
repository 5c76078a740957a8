package chat

import (
	"log/slog"
	"time"
)

// Service is the chat: every rule of it, on a store. Its methods are safe for
// concurrent use. Refusals are an [Error] or an [*InvalidError]; any other error
// is a fault of ours, to be logged once by the caller.
type Service struct {
	store    Store
	presence Presence
	jwt      JWTVerifier
	opts     Options
	log      *slog.Logger
}

// Presence tells who is looking at a chat at this moment: accounts with a
// socket whose current chat it is.
type Presence interface {
	// Present appends the accounts that look at the direct chat with peer (from
	// either side) or at the group.
	Present(c *Conversation) []AccountID
}

// Options are the tunable limits of the rules.
type Options struct {
	MaxText         int           // UTF-16 units of a text; 20480
	WithdrawWindow  time.Duration // own messages; 5 minutes
	MaxTop          int           // chats on top; 10
	ShakeInterval   time.Duration // per pair; 3 s
	MaxGroupMembers int           // 30000
	MaxNameLength   int           // UTF-16 units of names; 200
	DefaultApp      string        // application key of clients that name none; empty: none
	Language        string        // of system messages: "en" or "zh"
	Now             func() time.Time
}

// New returns the chat on a store. Options that are zero get their defaults.
// presence and jwt may be nil: then nobody is ever present, and no JWT is valid.
func New(store Store, presence Presence, jwt JWTVerifier, opts Options, log *slog.Logger) *Service {
	return &Service{store: store, presence: presence, jwt: jwt, opts: opts, log: log}
}
