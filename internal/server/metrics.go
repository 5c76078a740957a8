package server

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"parley/internal/delivery"
	"parley/internal/forward"
	"parley/internal/gateway"
	"parley/internal/store"
	"parley/internal/wire"
	"parley/socketio"
)

// metrics are the figures for Prometheus. What the parts count by themselves is
// read from them at the time of a scrape; here is only what nobody else keeps.
type metrics struct {
	registry *prometheus.Registry

	requests      map[string]map[gateway.Outcome]prometheus.Counter // by event; "" is any that does not exist
	batchSize     prometheus.Histogram
	commitSeconds prometheus.Histogram
	runSeconds    prometheus.Histogram
	refusedWrites prometheus.Counter
	failedCommits prometheus.Counter
	uploads       *prometheus.CounterVec
	uploadedBytes prometheus.Counter
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: map[string]map[gateway.Outcome]prometheus.Counter{},
		batchSize: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "parley_commit_writes", Help: "Writes that shared one commit.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 10),
		}),
		commitSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "parley_commit_seconds", Help: "How long the database took to make a commit durable.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2, 16),
		}),
		runSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "parley_batch_seconds", Help: "How long the writes of one commit took before it.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2, 16),
		}),
		refusedWrites: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_writes_refused_total", Help: "Writes that were rolled back alone because a rule refused them.",
		}),
		failedCommits: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_commits_failed_total", Help: "Commits that failed, and all their writes with them.",
		}),
		uploads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parley_uploads_total", Help: "Uploads to this server, by outcome: stored, refused or failed.",
		}, []string{"outcome"}),
		uploadedBytes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_uploaded_bytes_total", Help: "Size of the files that were stored.",
		}),
	}
	m.registry.MustRegister(
		m.batchSize, m.commitSeconds, m.runSeconds, m.refusedWrites, m.failedCommits, m.uploads, m.uploadedBytes,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	for _, outcome := range []string{"stored", "refused", "failed"} {
		m.uploads.WithLabelValues(outcome) // so that it is there from the start
	}
	m.registerRequests()
	return m
}

func (m *metrics) registerRequests() {
	total := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "parley_requests_total", Help: "Requests of clients, by event and by outcome: ok, refused, limited or failed.",
	}, []string{"event", "outcome"})
	m.registry.MustRegister(total)
	add := func(event, label string) {
		m.requests[event] = map[gateway.Outcome]prometheus.Counter{}
		for _, o := range []gateway.Outcome{gateway.OK, gateway.Refused, gateway.Limited, gateway.Failed} {
			m.requests[event][o] = total.WithLabelValues(label, string(o))
		}
	}
	for _, r := range wire.Requests {
		add(r.Name, r.Name)
	}
	add("", "unknown")
}

// answered takes in one request. It is on the path of all of them.
func (m *metrics) answered(event string, outcome gateway.Outcome) {
	m.requests[event][outcome].Inc()
}

// committed takes in one commit. It is on the path of every write.
func (m *metrics) committed(b store.Batch) {
	m.batchSize.Observe(float64(b.Functions))
	m.runSeconds.Observe(b.Run.Seconds())
	m.commitSeconds.Observe(b.Commit.Seconds())
	m.refusedWrites.Add(float64(b.Refused))
	if b.Err != nil {
		m.failedCommits.Inc()
	}
}

// uploaded takes in one upload.
func (m *metrics) uploaded(outcome string, bytes int64) {
	m.uploads.WithLabelValues(outcome).Inc()
	m.uploadedBytes.Add(float64(bytes))
}

// handler serves the page of figures.
func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Timeout: 10 * time.Second}))
	return mux
}

// Descriptions of what is read from the parts.
var (
	descConnections = desc("parley_connections", "Clients connected now.", "protocol", "transport")
	descPolls       = desc("parley_polls_waiting", "Polling requests that wait for packets now.")
	descSockets     = desc("parley_sockets", "Clients connected and logged in now.")
	descOpened      = desc("parley_connections_opened_total", "Clients that ever connected.")
	descUpgraded    = desc("parley_connections_upgraded_total", "Clients that went from polling to WebSocket.")
	descClosed      = desc("parley_connections_closed_total", "Connections that ended, by reason.", "reason")
	descSlow        = desc("parley_slow_consumers_total", "Connections closed because more waited for them than may.")
	descRefused     = desc("parley_http_refused_total", "Requests of the transport that were answered with an HTTP error.")
	descLogins      = desc("parley_logins_total", "Log-ins, by outcome: ok or refused.", "outcome")
	descPackets     = desc("parley_packets_total", "Packets of the transport.", "direction")
	descBytes       = desc("parley_bytes_total", "Bytes of the transport without HTTP's headers.", "direction")
	descEvents      = desc("parley_events_total", "Events that clients sent.")
	descInvalid     = desc("parley_invalid_packets_total", "Connections closed for a packet that the protocol does not allow.")
	descPanics      = desc("parley_panics_total", "Panics caught at the edge of an event.")
	descHTTPOpen    = desc("parley_http_connections", "Connections that are not WebSockets, by state: waiting for a request, or busy.", "state")
	descHTTPEvicted = desc("parley_http_connections_evicted_total", "Connections that were silent or stalled, closed for others.")
	descOnline      = desc("parley_accounts_online", "People with at least one client logged in.")
	descPublished   = desc("parley_events_delivered_total", "Events that became pushes.")
	descPushes      = desc("parley_pushes_total", "Deliveries: a push to three sockets counts three.")
	descDropped     = desc("parley_pushes_dropped_total", "Events whose pushes were dropped because delivery could not keep up.")
	descQueued      = desc("parley_delivery_queue_bytes", "Events that wait for delivery.")
	descWaiting     = desc("parley_writes_waiting", "Writes that wait for the commit under way.")

	descDatabase     = desc("parley_database_connections", "Connections to the database, by state: reading, idle for the next read, or other, such as the one that writes.", "state")
	descReadsWaiting = desc("parley_reads_waiting", "Reads that wait for a connection to the database now.")
	descReadsWaited  = desc("parley_reads_waited_total", "Reads that have waited for a connection to the database.")
	descReadsSeconds = desc("parley_reads_waited_seconds_total", "How long they have waited, in all.")
	descRetries      = desc("parley_database_retries_total", "Transactions that ran again, by reason: a write failed after it had changed something, or the connection had broken.", "reason")

	descForwarded = desc("parley_forwarded_requests_total",
		"Requests of clients of other nodes that were passed on to these nodes, by outcome: ok or failed.", "outcome")
	descForwarding = desc("parley_forwarded", "Polls and WebSockets that are passed on to other nodes now.", "transport")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// partsCollector reads the counters of the parts.
type partsCollector struct {
	io          *socketio.Server
	store       *store.Store
	hub         *delivery.Hub
	connections *connections
}

// Describe is prometheus.Collector's.
func (p *partsCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		descConnections, descPolls, descSockets, descOpened, descUpgraded, descClosed, descSlow, descRefused, descLogins, descPackets,
		descBytes, descEvents, descInvalid, descPanics, descHTTPOpen, descHTTPEvicted, descWaiting,
		descOnline, descPublished, descPushes, descDropped, descQueued,
		descDatabase, descReadsWaiting, descReadsWaited, descReadsSeconds, descRetries,
	} {
		out <- d
	}
}

// Collect is prometheus.Collector's.
func (p *partsCollector) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	count := func(d *prometheus.Desc, v uint64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	s := p.io.Stats()
	e := s.Engine
	gauge(descConnections, float64(e.PollingEIO3), "3", "polling")
	gauge(descConnections, float64(e.PollingEIO4), "4", "polling")
	gauge(descConnections, float64(e.WebSocketEIO3), "3", "websocket")
	gauge(descConnections, float64(e.WebSocketEIO4), "4", "websocket")
	gauge(descPolls, float64(e.Polls))
	gauge(descSockets, float64(s.Sockets))
	count(descOpened, e.Opened)
	count(descUpgraded, e.Upgraded)
	for reason, n := range e.Closed {
		count(descClosed, n, string(reason))
	}
	count(descSlow, e.SlowConsumers())
	count(descRefused, e.Refused)
	count(descLogins, s.Connects, "ok")
	count(descLogins, s.Refused, "refused")
	count(descPackets, e.PacketsIn, "in")
	count(descPackets, e.PacketsOut, "out")
	count(descBytes, e.BytesIn, "in")
	count(descBytes, e.BytesOut, "out")
	count(descEvents, s.Events)
	count(descInvalid, s.Invalid)
	count(descPanics, s.Panics)
	h := p.hub.Stats()
	gauge(descOnline, float64(h.Accounts))
	count(descPublished, h.Published)
	count(descPushes, h.Pushes)
	count(descDropped, h.Dropped)
	gauge(descQueued, float64(h.Queued))
	open, waiting := p.connections.count()
	gauge(descHTTPOpen, float64(waiting), "waiting")
	gauge(descHTTPOpen, float64(open-waiting), "busy")
	count(descHTTPEvicted, p.connections.evicted.Load())
	gauge(descWaiting, float64(p.store.Waiting()))
	d := p.store.Stats()
	gauge(descDatabase, float64(d.Reading), "reading")
	gauge(descDatabase, float64(d.Readers-d.Reading), "idle")
	gauge(descDatabase, float64(max(d.Open-d.Readers, 0)), "other")
	gauge(descReadsWaiting, float64(d.Waiting))
	count(descReadsWaited, d.Waits)
	out <- prometheus.MustNewConstMetric(descReadsSeconds, prometheus.CounterValue, d.Waited.Seconds())
	count(descRetries, d.Reruns, "write")
	count(descRetries, d.Reconnects, "connection")
}

// forwardCollector reads the counters of what is passed on to other nodes.
type forwardCollector struct{ forwarder *forward.Forwarder }

// Describe is prometheus.Collector's.
func (f forwardCollector) Describe(out chan<- *prometheus.Desc) {
	out <- descForwarded
	out <- descForwarding
}

// Collect is prometheus.Collector's.
func (f forwardCollector) Collect(out chan<- prometheus.Metric) {
	s := f.forwarder.Stats()
	out <- prometheus.MustNewConstMetric(descForwarded, prometheus.CounterValue, float64(s.Requests-s.Failures), "ok")
	out <- prometheus.MustNewConstMetric(descForwarded, prometheus.CounterValue, float64(s.Failures), "failed")
	out <- prometheus.MustNewConstMetric(descForwarding, prometheus.GaugeValue, float64(s.Polls), "polling")
	out <- prometheus.MustNewConstMetric(descForwarding, prometheus.GaugeValue, float64(s.WebSockets), "websocket")
}

var (
	descBusPublished  = desc("parley_bus_published_total", "Commits of this node that were published on the bus, by outcome: ok or failed. The others read from the database what failed.", "outcome")
	descBusDropped    = desc("parley_bus_dropped_total", "Messages about events that are not stored, such as somebody typing, that this node could not publish.")
	descBusReceived   = desc("parley_bus_received_total", "Messages of other nodes that the bus has brought.")
	descBusRepaired   = desc("parley_bus_repaired_total", "Commits of other nodes that were read from the database, because the bus did not bring them in time.")
	descBusDuplicates = desc("parley_bus_duplicates_total", "Messages of commits that this node knew already.")
	descBusMissed     = desc("parley_bus_missed_total", "Times that commits could not be delivered, because the database did not have them any more.")
	descBusBehind     = desc("parley_bus_behind_commits", "Commits that are known of and not delivered.")
	descBusLag        = desc("parley_bus_lag_seconds", "How long there always were such commits.")
	descOutboxWaiting = desc("parley_outbox_waiting", "Commits of this node that wait to be published.")
	descOutboxAge     = desc("parley_outbox_age_seconds", "How long the oldest of these has waited.")
	descNodeServing   = desc("parley_node_serving", "1 if this node serves clients, 0 while it is cut off from the others.")
	descNodeCuts      = desc("parley_node_cut_off_total", "Times that this node closed its clients because it was cut off, by reason: bus, database, gone or behind.", "reason")
)

// clusterCollector reads the counters of a node.
type clusterCollector struct{ *cluster }

// Describe is prometheus.Collector's.
func (k clusterCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		descBusPublished, descBusDropped, descBusReceived, descBusRepaired, descBusDuplicates, descBusMissed, descBusBehind, descBusLag,
		descOutboxWaiting, descOutboxAge, descNodeServing, descNodeCuts,
	} {
		out <- d
	}
}

// Collect is prometheus.Collector's.
func (k clusterCollector) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64) { out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v) }
	count := func(d *prometheus.Desc, v uint64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	f, o := k.follower.Stats(), k.outbox.Load().Stats()
	count(descBusPublished, o.Published, "ok")
	count(descBusPublished, o.Failed, "failed")
	count(descBusDropped, o.Dropped)
	count(descBusReceived, f.Received)
	count(descBusRepaired, f.Repaired)
	count(descBusDuplicates, f.Duplicates)
	count(descBusMissed, f.Missed)
	gauge(descBusBehind, float64(f.Behind))
	gauge(descBusLag, f.Lag.Seconds())
	gauge(descOutboxWaiting, float64(o.Waiting))
	gauge(descOutboxAge, o.Age.Seconds())
	k.mu.Lock()
	defer k.mu.Unlock()
	serving := 1.0
	if k.reason != "" {
		serving = 0
	}
	gauge(descNodeServing, serving)
	for _, reason := range cutReasons {
		count(descNodeCuts, k.cuts[reason], reason)
	}
}
