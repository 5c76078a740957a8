package rest

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxRates bounds how many limiters are kept. The ones that are full again, and
// so the same as new ones, go first.
const maxRates = 10_000

// rates limits how often something may be done for each account, or from each
// address.
type rates[K comparable] struct {
	perSecond float64
	burst     int

	mu       sync.Mutex
	limiters map[K]*rate.Limiter
}

// newRates limits nothing when perSecond is negative.
func newRates[K comparable](perSecond float64, burst int) *rates[K] {
	return &rates[K]{perSecond: perSecond, burst: burst, limiters: map[K]*rate.Limiter{}}
}

// allow reports whether the key may go on, and takes its turn.
func (r *rates[K]) allow(k K) bool {
	_, wait := r.take(k)
	return wait == 0
}

// take takes a turn, or says how long there is none. A turn that did no harm is
// given back.
func (r *rates[K]) take(k K) (giveBack func(), wait time.Duration) {
	if r.perSecond < 0 {
		return func() {}, 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	l, ok := r.limiters[k]
	if !ok {
		r.makeRoom()
		l = rate.NewLimiter(rate.Limit(r.perSecond), r.burst)
		r.limiters[k] = l
	}
	now := time.Now()
	turn := l.ReserveN(now, 1)
	if wait := turn.DelayFrom(now); wait > 0 {
		turn.CancelAt(now)
		return nil, wait
	}
	// At the time of the turn itself, because one that has passed is not given back.
	return func() { turn.CancelAt(now) }, 0
}

func (r *rates[K]) makeRoom() {
	if len(r.limiters) < maxRates {
		return
	}
	now := time.Now()
	for k, l := range r.limiters {
		if l.TokensAt(now) >= float64(r.burst) {
			delete(r.limiters, k)
		}
	}
	for k := range r.limiters {
		if len(r.limiters) < maxRates {
			return
		}
		delete(r.limiters, k)
	}
}

// addressKey is the address of a peer without its port. Of IPv6, one customer
// has a whole network of addresses: it is the /64 that counts.
func addressKey(remote string) string {
	port, err := netip.ParseAddrPort(remote)
	if err != nil {
		return remote
	}
	addr := port.Addr().Unmap()
	if addr.Is4() {
		return addr.String()
	}
	prefix, err := addr.WithZone("").Prefix(64)
	if err != nil {
		return addr.String()
	}
	return prefix.String()
}
