package endpoint

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/time/rate"

	"parley/internal/chat"
)

// maxRates bounds how many limiters are kept.
const maxRates = 10_000

// Rates limits how often something may be done for each account, or from each
// address.
type Rates[K comparable] struct {
	perSecond float64
	burst     int

	mu       sync.Mutex
	limiters map[K]*rate.Limiter
}

// NewRates limits nothing when perSecond is negative.
func NewRates[K comparable](perSecond float64, burst int) *Rates[K] {
	return &Rates[K]{perSecond: perSecond, burst: burst, limiters: map[K]*rate.Limiter{}}
}

// Allow reports whether the key may go on, and takes its turn.
func (r *Rates[K]) Allow(k K) bool {
	_, wait := r.Take(k)
	return wait == 0
}

// Take takes a turn, or says how long there is none. A turn that did no harm is
// given back.
func (r *Rates[K]) Take(k K) (giveBack func(), wait time.Duration) {
	if r.perSecond < 0 {
		return func() {}, 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	l, ok := r.limiters[k]
	if !ok {
		r.makeRoom(now)
		l = rate.NewLimiter(rate.Limit(r.perSecond), r.burst)
		r.limiters[k] = l
	}
	turn := l.ReserveN(now, 1)
	if wait := turn.DelayFrom(now); wait > 0 {
		turn.CancelAt(now)
		return nil, wait
	}
	// At the time of the turn itself, because one that has passed is not given back.
	return func() { turn.CancelAt(now) }, 0
}

// makeRoom forgets limiters that are full again, and so the same as new ones, or else the one that is nearest to it: a flood
// of new keys must not free the one that somebody has emptied. It looks at a few of them,
// which Go's maps give in another order each time, so that the flood does not make each request look at all.
func (r *Rates[K]) makeRoom(now time.Time) {
	if len(r.limiters) < maxRates {
		return
	}
	const looks = 64
	var (
		fullest K
		most    = -1.0
		looked  int
	)
	for k, l := range r.limiters {
		left := l.TokensAt(now)
		if left >= float64(r.burst) {
			delete(r.limiters, k)
		} else if left > most {
			fullest, most = k, left
		}
		if looked++; looked == looks {
			break
		}
	}
	if len(r.limiters) >= maxRates {
		delete(r.limiters, fullest)
	}
}

// TooEarly refuses a caller with too many attempts, who may try again after Wait.
type TooEarly struct{ Wait time.Duration }

func (t *TooEarly) Error() string { return string(chat.ErrTooManyRequests) }

func (t *TooEarly) answer() error {
	seconds := strconv.Itoa(max(1, int(math.Ceil(t.Wait.Seconds()))))
	return huma.ErrorWithHeaders(Problem(http.StatusTooManyRequests, t.Error()), http.Header{"Retry-After": {seconds}})
}
