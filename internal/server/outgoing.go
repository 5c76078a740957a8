package server

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/webhook"
)

// outgoing posts the events that wait for subscriptions. In a cluster only the leading node does so. An accepted event is removed
// afterwards, so a crash between the two posts it twice, but loses none. Two nodes that believe for a moment that they lead post
// the same events. The first arrivals are in order, because each of the two posts an event only after the one before it in its topic
// was accepted or given up.
//
// Each subscription has a goroutine, so that one whose receiver is slow or fails does not hold up the others, and holds a
// bounded number of events.
type outgoing struct {
	poster   *webhook.Poster
	parallel int
	log      *slog.Logger
	wake     chan struct{} // holds a token when there may be events
	results  *prometheus.CounterVec

	// Set before run.
	chat   *chat.Service
	leads  func() bool
	online chat.Online
	busy   func() bool // requests of people wait for the database
}

const (
	outgoingBatch = 64              // events that are read together
	outgoingTurn  = 5 * time.Second // after which no further events of them are begun, so that the results are stored
	outgoingLook  = 2 * time.Second // between two looks for subscriptions and events without a reason
	outgoingRest  = 5 * time.Second // after a fault of the database
	outgoingTidy  = time.Minute     // between two removals of old events
	outgoingStore = 30 * time.Second

	// While requests of people wait for the database, an event waits for them, this long and no longer.
	outgoingYield = 50 * time.Millisecond
	yieldStep     = 5 * time.Millisecond
	outgoingBusy  = 64 // writes that wait for a commit
	spreadTurn    = time.Second
	// giveUpTurn is the number of failed events without an accepted one after which no further events of a batch are begun.
	giveUpTurn = 8
)

func outgoingOptions(c config.Outgoing) webhook.Options {
	o := webhook.Options{Timeout: c.Timeout, UserAgent: "parley/" + Version()}
	for _, n := range c.Networks {
		if prefix, err := netip.ParsePrefix(n); err == nil { // Validate has seen it
			o.Networks = append(o.Networks, prefix)
		}
	}
	return o
}

func newOutgoing(c config.Outgoing, log *slog.Logger) *outgoing {
	o := &outgoing{
		poster: webhook.New(outgoingOptions(c)), parallel: c.Parallel, log: log, wake: make(chan struct{}, 1),
		results: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parley_outgoing_events_total", Help: "Attempts to post an event to a subscription, by outcome: accepted or failed; and given_up: events that are not tried any more.",
		}, []string{"outcome"}),
	}
	for _, outcome := range []string{"accepted", "failed", "given_up"} {
		o.results.WithLabelValues(outcome)
	}
	return o
}

// signal makes run look for events.
func (o *outgoing) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// subscriber is the goroutine of a subscription.
type subscriber struct {
	wake chan struct{} // holds a token when there may be events
	stop context.CancelFunc
	done chan struct{}
}

// run posts events until ctx ends.
func (o *outgoing) run(ctx context.Context) {
	running := map[chat.SubscriptionID]*subscriber{}
	defer func() {
		for _, s := range running {
			s.stop()
		}
		for _, s := range running {
			<-s.done
		}
		o.poster.Close()
	}()
	look, tidy := time.NewTicker(outgoingLook), time.NewTicker(outgoingTidy)
	defer look.Stop()
	defer tidy.Stop()
	for {
		select {
		case <-look.C:
			o.attend(ctx, running)
			o.spread(ctx, running)
		case <-tidy.C:
			o.tidy(ctx)
		case <-o.wake:
			if len(running) > 0 { // otherwise the next look is soon enough
				o.spread(ctx, running)
			}
		case <-ctx.Done():
			return
		}
	}
}

// spread gives events to their subscriptions, and wakes these. It does a part of the work if there is much.
func (o *outgoing) spread(ctx context.Context, running map[chat.SubscriptionID]*subscriber) {
	if !o.leading() {
		return
	}
	for until := time.Now().Add(spreadTurn); ctx.Err() == nil; {
		more, err := o.chat.SpreadOutgoing(ctx)
		if err != nil {
			o.fault(ctx, "events could not be given to their subscriptions", err)
			return
		}
		if !more {
			return
		}
		for _, s := range running {
			select {
			case s.wake <- struct{}{}:
			default:
			}
		}
		if time.Now().After(until) {
			o.signal()
			return
		}
		o.yield(ctx)
	}
}

// yield waits while requests of people wait for the database.
func (o *outgoing) yield(ctx context.Context) {
	for range outgoingYield / yieldStep {
		if !o.busy() {
			return
		}
		pauseFor(ctx, nil, yieldStep)
	}
}

func (o *outgoing) leading() bool { return o.leads == nil || o.leads() }

// attend starts and ends the goroutines of subscriptions.
func (o *outgoing) attend(ctx context.Context, running map[chat.SubscriptionID]*subscriber) {
	for id, s := range running {
		select {
		case <-s.done:
			delete(running, id)
		default:
		}
	}
	if !o.leading() {
		for _, s := range running {
			s.stop()
		}
		return
	}
	active, err := o.chat.ActiveSubscriptions(ctx)
	if err != nil {
		o.fault(ctx, "subscriptions could not be read", err)
		return
	}
	for _, id := range active {
		if running[id] != nil {
			continue
		}
		s := &subscriber{wake: make(chan struct{}, 1), done: make(chan struct{})}
		var own context.Context
		own, s.stop = context.WithCancel(ctx)
		running[id] = s
		go func() {
			defer close(s.done)
			defer s.stop()
			o.serve(own, id, s.wake)
		}()
	}
}

// fault logs a fault that is not logged yet.
func (o *outgoing) fault(ctx context.Context, what string, err error) {
	if ctx.Err() == nil && !errors.Is(err, chat.ErrLogged) {
		o.log.ErrorContext(ctx, what, "error", err)
	}
}

func (o *outgoing) tidy(ctx context.Context) {
	if !o.leading() {
		return
	}
	for ctx.Err() == nil {
		more, err := o.chat.TidyOutgoing(ctx)
		if err != nil {
			o.fault(ctx, "old events of subscriptions could not be removed", err)
			return
		}
		if !more {
			return
		}
	}
}

// serve posts the events of a subscription until it is not active any more, or ctx ends.
func (o *outgoing) serve(ctx context.Context, id chat.SubscriptionID, wake <-chan struct{}) {
	for ctx.Err() == nil {
		work, err := o.chat.OutgoingWork(ctx, id, outgoingBatch)
		switch {
		case errors.Is(err, chat.ErrNotFound):
			return
		case err != nil:
			o.fault(ctx, "events of a subscription could not be read", err)
			pauseFor(ctx, nil, outgoingRest)
		case len(work.Due) == 0:
			// What is done by hand wakes nobody: a test, a start, or an event that is posted again.
			pause := outgoingLook
			if work.Wait > 0 {
				pause = min(pause, work.Wait)
			}
			if work.Held {
				pauseFor(ctx, nil, pause)
			} else {
				pauseFor(ctx, wake, pause)
			}
		default:
			o.finish(ctx, &work.Subscription, o.post(ctx, work))
		}
	}
}

func pauseFor(ctx context.Context, wake <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-wake:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// finish stores a result, also when ctx has ended: what was accepted should not be posted again.
func (o *outgoing) finish(ctx context.Context, s *chat.Subscription, r chat.OutgoingResult) {
	if len(r.Accepted)+len(r.Dropped)+len(r.Failed) == 0 { // because of a fault, or ctx has ended
		pauseFor(ctx, nil, outgoingRest)
		return
	}
	o.results.WithLabelValues("accepted").Add(float64(len(r.Accepted)))
	o.results.WithLabelValues("failed").Add(float64(len(r.Failed)))
	storing, cancel := context.WithTimeout(context.WithoutCancel(ctx), outgoingStore)
	defer cancel()
	outcome, err := o.chat.FinishOutgoing(storing, s.ID, r)
	if err != nil {
		o.fault(ctx, "results of events of a subscription could not be stored; they are posted again", err)
		pauseFor(ctx, nil, outgoingRest)
		return
	}
	o.results.WithLabelValues("given_up").Add(float64(outcome.GivenUp))
	log := o.log.With("subscription", s.ID, "application", s.App)
	if len(r.Failed) > 0 {
		log = log.With("failure", r.Failed[len(r.Failed)-1].Failure)
	}
	switch {
	case outcome.Stopped != "":
		log.ErrorContext(ctx, "a subscription was stopped", "reason", outcome.Stopped)
	case outcome.Paused:
		log.WarnContext(ctx, "the receiver of a subscription fails; it is tried again")
	case outcome.Resumed:
		log.InfoContext(ctx, "the receiver of a subscription accepts events again")
	}
	if outcome.GivenUp > 0 {
		log.ErrorContext(ctx, "events of a subscription were given up", "events", outcome.GivenUp)
	}
}

// post posts the events that are due: those of different topics side by side, those of one topic one after the other, up to the first
// that fails.
func (o *outgoing) post(ctx context.Context, work chat.OutgoingWork) chat.OutgoingResult {
	var topics [][]chat.Outgoing // in the order of their first events
	at := map[string]int{}
	for _, e := range work.Due {
		i, known := at[e.Topic]
		if !known {
			i = len(topics)
			at[e.Topic] = i
			topics = append(topics, nil)
		}
		topics[i] = append(topics[i], e)
	}
	p := &posting{outgoing: o, subscription: &work.Subscription, secrets: work.Secrets, topics: topics, until: time.Now().Add(outgoingTurn)}
	var workers sync.WaitGroup
	for range min(o.parallel, len(topics)) {
		workers.Go(func() { p.work(ctx) })
	}
	workers.Wait()
	return p.result
}

// posting is the work on one batch.
type posting struct {
	*outgoing
	subscription *chat.Subscription
	secrets      []string
	until        time.Time

	mu     sync.Mutex
	topics [][]chat.Outgoing // that nobody has taken
	result chat.OutgoingResult
}

func (p *posting) work(ctx context.Context) {
	for {
		p.mu.Lock()
		if len(p.topics) == 0 {
			p.mu.Unlock()
			return
		}
		topic := p.topics[0]
		p.topics = p.topics[1:]
		p.mu.Unlock()
		for _, e := range topic {
			if p.over(ctx) {
				return
			}
			p.yield(ctx)
			if !p.note(ctx, e.ID, p.postOne(ctx, &e)) {
				break
			}
		}
	}
}

// errNobody says that there is nobody to tell of an event.
var errNobody = errors.New("nobody")

// postOne posts an event. An error that is neither errNobody nor a [*webhook.Failure] means that it was not tried.
func (p *posting) postOne(ctx context.Context, e *chat.Outgoing) error {
	body, err := p.chat.OutgoingBody(ctx, e, p.online)
	if err != nil {
		p.fault(ctx, "an event of a subscription could not be completed", err)
		return err
	}
	if body == nil {
		return errNobody
	}
	return p.poster.Post(ctx, webhook.Request{URL: p.subscription.URL, ID: e.Event, Secrets: p.secrets, Body: body})
}

// over reports whether no further event of the batch is begun.
func (p *posting) over(ctx context.Context) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := &p.result
	return ctx.Err() != nil || r.Gone || r.Wait > 0 || time.Now().After(p.until) || len(r.Accepted) == 0 && len(r.Failed) >= giveUpTurn
}

// note takes in the result of an attempt, and reports whether the next event of the topic can follow.
func (p *posting) note(ctx context.Context, id chat.OutgoingID, err error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		p.result.Accepted = append(p.result.Accepted, id)
		return true
	}
	if err == errNobody {
		p.result.Dropped = append(p.result.Dropped, id)
		return true
	}
	var f *webhook.Failure
	if !errors.As(err, &f) { // ctx has ended, or there is a fault that is logged
		p.until = time.Time{}
		return false
	}
	p.log.DebugContext(ctx, "an event was not accepted", "subscription", p.subscription.ID, "event", id, "failure", f.Reason, "error", f.Err)
	p.result.Failed = append(p.result.Failed, chat.FailedOutgoing{ID: id, Failure: f.Reason})
	p.result.Wait = max(p.result.Wait, f.RetryAfter)
	p.result.Gone = p.result.Gone || f.Status == 410
	return false
}
