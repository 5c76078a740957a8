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

// maxRates is the maximum number of limiters in memory.
const maxRates = 10_000

// Rate is a number of actions per second in the long run, and a number at once. A negative
// PerSecond is no limit.
type Rate struct {
	PerSecond float64
	Burst     int
}

// Rates limits the rate of an action for each key, such as an account or an address.
type Rates[K comparable] struct {
	now func() Rate // which can change

	mu       sync.Mutex
	limiters map[K]*rate.Limiter
}

// NewRates returns limits with the rate that now returns for each key.
func NewRates[K comparable](now func() Rate) *Rates[K] {
	return &Rates[K]{now: now, limiters: map[K]*rate.Limiter{}}
}

// Allow reports whether the key may act now, and counts the action.
func (r *Rates[K]) Allow(k K) bool {
	_, wait := r.Take(k)
	return wait == 0
}

// Take counts an action of the key, or returns how long the key has to wait. giveBack undoes the
// count.
func (r *Rates[K]) Take(k K) (giveBack func(), wait time.Duration) {
	limit := r.now()
	if limit.PerSecond < 0 {
		return func() {}, 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	l, ok := r.limiters[k]
	if !ok {
		r.makeRoom(now, limit.Burst)
		l = rate.NewLimiter(rate.Limit(limit.PerSecond), limit.Burst)
		r.limiters[k] = l
	}
	if l.Limit() != rate.Limit(limit.PerSecond) || l.Burst() != limit.Burst {
		l.SetLimitAt(now, rate.Limit(limit.PerSecond))
		l.SetBurstAt(now, limit.Burst)
	}
	turn := l.ReserveN(now, 1)
	if wait := turn.DelayFrom(now); wait > 0 {
		turn.CancelAt(now)
		return nil, wait
	}
	// CancelAt gets the time of the reservation, because it does nothing for one that has passed.
	return func() { turn.CancelAt(now) }, 0
}

// makeRoom removes limiters that are full again, because they are the same as new ones. If it finds none, it removes the
// fullest one: a flood of new keys must not reset the limiter of a key that has used it up. It looks at a few limiters
// only, in the random order of Go's maps, so that a flood does not make each request look at all of them.
func (r *Rates[K]) makeRoom(now time.Time, burst int) {
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
		if left >= float64(burst) {
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
