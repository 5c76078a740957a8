package server

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/internal/chat"
)

// retention removes messages that no rule keeps any more. In a cluster the leading node does so.
type retention struct {
	server *Server
	state  atomic.Pointer[chat.RetentionRun] // nil: not yet read

	messages, files, bytes atomic.Int64 // that this process has removed
}

const (
	retentionEvery = time.Hour              // between the ends of two runs
	retentionLook  = time.Minute            // between two looks at whether a run is due, or was interrupted
	retentionPause = 20 * time.Millisecond  // after each transaction
	retentionYield = 500 * time.Millisecond // at most, while other writes wait
)

// errNotLeading ends a run on a node that no longer leads. The leading one goes on.
var errNotLeading = errors.New("server: another node leads")

// run removes old messages until ctx ends.
func (r *retention) run(ctx context.Context) {
	every := time.NewTicker(retentionLook)
	defer every.Stop()
	var ended time.Time
	for {
		r.read(ctx)
		if r.leads() && time.Since(ended) >= retentionEvery {
			if err := r.remove(ctx); err == nil {
				ended = time.Now()
			}
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
	}
}

func (r *retention) leads() bool { return r.server.cluster == nil || r.server.cluster.leads.Load() }

// read reads how far the removal is, also that of another node.
func (r *retention) read(ctx context.Context) {
	state, err := r.server.chat.RetentionRun(ctx)
	if err != nil {
		if ctx.Err() == nil && !errors.Is(err, chat.ErrLogged) {
			r.server.log.WarnContext(ctx, "the state of the removal of old messages could not be read", "error", err)
		}
		return
	}
	r.state.Store(&state)
}

// remove is one run, or the rest of one that was interrupted.
func (r *retention) remove(ctx context.Context) error {
	s := r.server
	began := time.Now()
	done, err := s.chat.RemoveOld(ctx, r.pause)
	switch {
	case err == nil:
		r.count(done)
	case ctx.Err() != nil, errors.Is(err, errNotLeading), errors.Is(err, chat.ErrLogged), errors.Is(err, chat.ErrBusy):
		return err
	default:
		s.log.ErrorContext(ctx, "old messages could not be removed; it is tried again", "error", err)
		return err
	}
	if done.Messages > 0 {
		s.log.InfoContext(ctx, "old messages were removed", "messages", done.Messages, "files", done.Files, "bytes", done.Bytes,
			"took", time.Since(began).Round(time.Millisecond).String())
		s.files.signal()
	}
	for more := true; more; {
		if more, err = s.store.ReturnSpace(ctx); err == nil {
			err = r.wait(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pause counts what a transaction has removed, and lets others write.
func (r *retention) pause(ctx context.Context, run chat.RetentionRun) error {
	r.count(run)
	return r.wait(ctx)
}

// count adds what was removed since the state before. The state of a run that was interrupted was read before.
func (r *retention) count(run chat.RetentionRun) {
	before := r.state.Swap(&run)
	if before == nil || !before.Began.Equal(run.Began) {
		before = &chat.RetentionRun{}
	}
	r.messages.Add(run.Messages - before.Messages)
	r.files.Add(run.Files - before.Files)
	r.bytes.Add(run.Bytes - before.Bytes)
}

// wait lets others write.
func (r *retention) wait(ctx context.Context) error {
	for until := time.Now().Add(retentionYield); ; {
		select {
		case <-time.After(retentionPause):
		case <-ctx.Done():
			return ctx.Err()
		}
		if !r.leads() {
			return errNotLeading
		}
		if r.server.store.Waiting() == 0 || time.Now().After(until) {
			return nil
		}
	}
}

var (
	descRetentionMessages = desc("parley_retention_messages_removed_total", "Messages that this process has removed because of their age.")
	descRetentionFiles    = desc("parley_retention_files_removed_total", "Stored files that only these messages named.")
	descRetentionBytes    = desc("parley_retention_bytes_removed_total", "Size of these files.")
	descRetentionRunning  = desc("parley_retention_running", "1 while old messages are removed, also by another node.")
	descRetentionSuccess  = desc("parley_retention_last_success_seconds", "When the latest removal of old messages ended, in Unix seconds; 0: there was none.")
)

// Describe is prometheus.Collector's.
func (r *retention) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descRetentionMessages, descRetentionFiles, descRetentionBytes, descRetentionRunning, descRetentionSuccess} {
		out <- d
	}
}

// Collect is prometheus.Collector's.
func (r *retention) Collect(out chan<- prometheus.Metric) {
	metric := func(d *prometheus.Desc, kind prometheus.ValueType, v float64) {
		out <- prometheus.MustNewConstMetric(d, kind, v)
	}
	metric(descRetentionMessages, prometheus.CounterValue, float64(r.messages.Load()))
	metric(descRetentionFiles, prometheus.CounterValue, float64(r.files.Load()))
	metric(descRetentionBytes, prometheus.CounterValue, float64(r.bytes.Load()))
	state := r.state.Load()
	if state == nil {
		return
	}
	running, ended := 0.0, 0.0
	if state.Runs() {
		running = 1
	}
	if !state.Ended.IsZero() {
		ended = float64(state.Ended.UnixMilli()) / 1000
	}
	metric(descRetentionRunning, prometheus.GaugeValue, running)
	metric(descRetentionSuccess, prometheus.GaugeValue, ended)
}
