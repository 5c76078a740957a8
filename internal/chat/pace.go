package chat

import (
	"sync"
	"time"
)

// pace remembers when each key was last used, to allow it once in an interval. It keeps two generations
// of one interval each instead of a timer for each key, and removes the older one by
// dropping its map. A full generation ends early, which bounds the memory; some keys are
// then allowed too soon.
//
// In a cluster, a node hears of the uses on other nodes: of shakes before its transactions, so that the
// shake that commits first is the one that is allowed.
type pace[K comparable] struct {
	mu          sync.Mutex
	turned      time.Time
	recent, old map[K]time.Time
	others      *pace[K] // the uses on other nodes; nil: none
}

const maxPaced = 1 << 16

func (l *pace[K]) allow(key K, now time.Time, interval time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isRecent(key, now, interval) || l.others != nil && l.others.isRecent(key, now, interval) {
		return false
	}
	l.note(key, now, now, interval)
	return true
}

// elsewhere reports whether a use on another node is recent.
func (l *pace[K]) elsewhere(key K, now time.Time, interval time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.others != nil && l.others.isRecent(key, now, interval)
}

// hear notes a use on another node.
func (l *pace[K]) hear(key K, at, now time.Time, interval time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.others == nil {
		l.others = &pace[K]{}
	}
	l.others.note(key, at, now, interval)
}

func (l *pace[K]) isRecent(key K, now time.Time, interval time.Duration) bool {
	last, found := l.recent[key]
	if !found {
		last, found = l.old[key]
	}
	// After the clock was set back, nothing must be refused until it has caught
	// up.
	return found && now.Sub(last).Abs() < interval
}

func (l *pace[K]) note(key K, at, now time.Time, interval time.Duration) {
	if l.recent == nil || now.Sub(l.turned).Abs() >= interval || len(l.recent) >= maxPaced {
		l.old, l.recent, l.turned = l.recent, make(map[K]time.Time), now
	}
	l.recent[key] = at
}
