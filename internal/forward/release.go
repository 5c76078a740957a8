package forward

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// releaseInterval is the time between two requests for what is still there. A request may overtake the poll it is
// for.
const releaseInterval = 100 * time.Millisecond

// Release asks the owners of all sessions whose requests come through this node to let their clients go elsewhere: polls are
// answered, and WebSockets end in order. It returns once no poll and no WebSocket is left. When ctx ends, the rest is
// cut. A poll that comes later is answered after a moment, too.
func (f *Forwarder) Release(ctx context.Context) {
	f.mu.Lock()
	f.releasing = true
	f.mu.Unlock()
	tick := time.NewTicker(releaseInterval)
	defer tick.Stop()
	for {
		sessions := f.sessions()
		if len(sessions) == 0 {
			return
		}
		f.askAll(ctx, sessions)
		select {
		case <-ctx.Done():
			f.cutAll()
			return
		case <-tick.C:
		}
	}
}

// ReleaseGradually asks the owners to end the WebSockets that come through this node, in random order, spread evenly over d.
// It returns after d, or when ctx ends. Polls are left to [Forwarder.Release], because their clients go elsewhere without a
// new session.
func (f *Forwarder) ReleaseGradually(ctx context.Context, d time.Duration) {
	tick := time.NewTicker(releaseInterval)
	defer tick.Stop()
	for steps := int(d / releaseInterval); steps > 0; steps-- {
		open := f.webSockets()
		rand.Shuffle(len(open), func(i, j int) { open[i], open[j] = open[j], open[i] })
		sids := make(map[string][]string)
		for _, w := range open[:(len(open)+rand.IntN(steps))/steps] {
			sids[w.address] = append(sids[w.address], w.sid)
		}
		f.askAll(ctx, sids)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// askAll asks the owners at the same time, because one of them may hang.
func (f *Forwarder) askAll(ctx context.Context, sids map[string][]string) {
	var asking sync.WaitGroup
	for address, of := range sids {
		asking.Go(func() { f.askRelease(ctx, address, of...) })
	}
	asking.Wait()
}

func (f *Forwarder) webSockets() (open []*waiting) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for w := range f.waiting {
		if w.isWebSocket {
			open = append(open, w)
		}
	}
	return open
}

// sessions returns the sessions of polls and WebSockets by the address of their owner.
func (f *Forwarder) sessions() map[string][]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	sids := make(map[string][]string)
	for w := range f.waiting {
		sids[w.address] = append(sids[w.address], w.sid)
	}
	return sids
}

// releaseLate releases a poll or a WebSocket that came after Release had begun.
func (f *Forwarder) releaseLate(w *waiting) {
	for range 10 {
		time.Sleep(releaseInterval)
		f.mu.Lock()
		_, isThere := f.waiting[w]
		f.mu.Unlock()
		if !isThere {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), releaseInterval)
		f.askRelease(ctx, w.address, w.sid)
		cancel()
	}
	w.cut()
}

// askRelease asks one owner. An owner that does not answer is dead or stopped, and its clients begin anew by themselves.
func (f *Forwarder) askRelease(ctx context.Context, address string, sids ...string) {
	target := url.URL{Scheme: f.scheme, Host: address, Path: releasePath}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	for len(sids) > 0 {
		n := min(len(sids), releaseBatch)
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), strings.NewReader(strings.Join(sids[:n], "\n")))
		sids = sids[n:]
		if err != nil {
			f.options.Logger.Error("a node has registered an invalid address", "address", address, "err", fmt.Errorf("forward: %w", err))
			return
		}
		if f.options.Secret != "" {
			r.Header.Set(headerSecret, f.options.Secret)
		}
		answer, err := f.transport.RoundTrip(r)
		if err != nil {
			return
		}
		_ = answer.Body.Close()
	}
}

// askTime is how long an owner may take to release sessions.
const askTime = time.Second

// releaseBatch is how many sessions are released by one request.
const releaseBatch = 1000
