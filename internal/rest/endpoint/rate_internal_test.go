package endpoint

import (
	"strconv"
	"testing"
)

// A flood of new keys pushed out the limiter that somebody had emptied, who could then go on.
func TestRatesAreBounded(t *testing.T) {
	r := NewRates[string](func() Rate { return Rate{1e-9, 3} })
	for range 3 {
		r.Take("victim")
	}
	for i := range 2 * maxRates {
		if !r.Allow(strconv.Itoa(i)) {
			t.Fatalf("key %d: refused its first turn", i)
		}
	}
	if got := len(r.limiters); got > maxRates {
		t.Errorf("got %d limiters, want at most %d", got, maxRates)
	}
	if r.Allow("victim") {
		t.Error("a flood of other keys gave the emptied one new turns")
	}
}
