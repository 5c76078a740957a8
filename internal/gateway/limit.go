package gateway

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate is a token bucket: so many a second on average, so many at once. A
// PerSecond of 0 means no limit.
type Rate struct {
	PerSecond float64
	Burst     int
}

// Rates are the limits of log-ins and requests; a zero rate is no limit.
type Rates struct {
	Send    Rate // per account: what others are shown
	Query   Rate // per account: what reads
	Control Rate // per account: everything else
	Refused Rate // per address: log-ins that were refused. An IPv6 address counts as its /64
}

// maxBuckets is the maximum number of accounts or addresses with a bucket. One more removes
// the buckets of those that were quiet or, if there are none, any bucket.
const maxBuckets = 1 << 16

// limits is a set of token buckets for every key. Keys that do nothing take no
// memory.
type limits[K comparable] struct {
	count int                  // of the rates
	rate  func(which int) Rate // which can change

	mu      sync.Mutex
	buckets map[K]*buckets
	swept   time.Time // when they were all looked at last
}

type buckets struct {
	last     time.Time
	limiters []*rate.Limiter // one of each rate, made when needed
}

func (l *limits[K]) init(count int, rate func(which int) Rate) {
	l.count, l.rate = count, rate
	l.buckets = make(map[K]*buckets)
}

// quiet is the time after which every bucket of a key that does nothing is full again.
func (l *limits[K]) quiet() (longest time.Duration) {
	for which := range l.count {
		if r := l.rate(which); r.PerSecond > 0 {
			longest = max(longest, time.Duration(float64(r.Burst)/r.PerSecond*float64(time.Second)))
		}
	}
	return longest
}

// allow takes a token of the key's bucket for that rate.
func (l *limits[K]) allow(key K, which int, now time.Time) bool {
	r := l.rate(which)
	if r.PerSecond <= 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[key]
	if b == nil {
		if len(l.buckets) >= maxBuckets {
			l.makeRoom(now)
		}
		b = &buckets{limiters: make([]*rate.Limiter, l.count)}
		l.buckets[key] = b
	}
	b.last = now
	if b.limiters[which] == nil {
		b.limiters[which] = rate.NewLimiter(rate.Limit(r.PerSecond), max(r.Burst, 1))
	}
	limiter := b.limiters[which]
	if limiter.Limit() != rate.Limit(r.PerSecond) || limiter.Burst() != max(r.Burst, 1) {
		limiter.SetLimitAt(now, rate.Limit(r.PerSecond))
		limiter.SetBurstAt(now, max(r.Burst, 1))
	}
	return limiter.AllowN(now, 1)
}

// makeRoom removes the buckets that are full again, or any one of them. It looks
// at all of them once in the time that a bucket takes to fill: a flood of
// keys must not make every request look at every key.
func (l *limits[K]) makeRoom(now time.Time) {
	if quiet := l.quiet(); now.Sub(l.swept) >= quiet {
		l.swept = now
		for key, b := range l.buckets {
			if now.Sub(b.last) >= quiet {
				delete(l.buckets, key)
			}
		}
	}
	for key := range l.buckets {
		if len(l.buckets) < maxBuckets {
			return
		}
		delete(l.buckets, key)
	}
}
