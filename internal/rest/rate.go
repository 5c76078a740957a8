package rest

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"parley/internal/chat"
)

// maxRates bounds how many accounts' limiters are kept. The ones that are full
// again, and so the same as new ones, go first.
const maxRates = 10_000

// rates limits how often each account may read history.
type rates struct {
	perSecond float64
	burst     int

	mu       sync.Mutex
	accounts map[chat.AccountID]*rate.Limiter
}

func newRates(perSecond float64, burst int) *rates {
	return &rates{perSecond: perSecond, burst: burst, accounts: map[chat.AccountID]*rate.Limiter{}}
}

// allow reports whether the account may go on, and takes its turn.
func (r *rates) allow(a chat.AccountID) bool {
	if r.perSecond < 0 {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	l, ok := r.accounts[a]
	if !ok {
		r.makeRoom()
		l = rate.NewLimiter(rate.Limit(r.perSecond), r.burst)
		r.accounts[a] = l
	}
	return l.Allow()
}

func (r *rates) makeRoom() {
	if len(r.accounts) < maxRates {
		return
	}
	now := time.Now()
	for id, l := range r.accounts {
		if l.TokensAt(now) >= float64(r.burst) {
			delete(r.accounts, id)
		}
	}
	for id := range r.accounts {
		if len(r.accounts) < maxRates {
			return
		}
		delete(r.accounts, id)
	}
}
