package gateway

import (
	"sync"

	"parley/internal/chat"
)

// sockets counts the sockets of each token and of each account, and bounds both.
type sockets struct {
	limits func() (perToken, perAccount int) // 0: no limit

	mu       sync.Mutex
	tokens   map[loginKey]int
	accounts map[chat.AccountID]int
}

func (s *sockets) init(limits func() (perToken, perAccount int)) {
	s.limits = limits
	s.tokens, s.accounts = make(map[loginKey]int), make(map[chat.AccountID]int)
}

// full reports whether there is no room for one more. The caller holds the lock.
func (s *sockets) full(session chat.SessionID, account chat.AccountID) bool {
	perToken, perAccount := s.limits()
	return perToken > 0 && s.tokens[loginKey{session, account}] >= perToken || perAccount > 0 && s.accounts[account] >= perAccount
}

// room reports whether enter would find room now.
func (s *sockets) room(session chat.SessionID, account chat.AccountID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.full(session, account)
}

// enter counts one more socket, if the limit allows it. The caller calls leave when the socket ends.
func (s *sockets) enter(session chat.SessionID, account chat.AccountID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full(session, account) {
		return false
	}
	s.tokens[loginKey{session, account}]++
	s.accounts[account]++
	return true
}

func (s *sockets) leave(session chat.SessionID, account chat.AccountID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := loginKey{session, account}
	if s.tokens[key]--; s.tokens[key] <= 0 {
		delete(s.tokens, key)
	}
	if s.accounts[account]--; s.accounts[account] <= 0 {
		delete(s.accounts, account)
	}
}
