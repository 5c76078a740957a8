package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"parley/internal/chat"
	"parley/internal/rest"
	"parley/internal/store"
	"parley/web"
)

// routes returns the handler of all paths of the listener.
func (s *Server) routes() (http.Handler, error) {
	client, err := newPages(web.FS, s.config.BasePath(), s.uploads.origins(), s.pictureOrigins())
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, path := range s.config.Socket.Paths {
		mux.Handle(path, s.io)
		// Without this the mux answers a path without its trailing slash with a redirect, which WebSocket clients
		// and preflights do not follow.
		mux.Handle(strings.TrimSuffix(path, "/"), s.io)
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	client.register(mux)
	mux.HandleFunc("GET /set-up", func(w http.ResponseWriter, r *http.Request) { s.setUpPage(w, r, client) })
	mux.Handle("/", rest.New(s.restOptions(), s.chat))
	return s.strictTransport(s.trustProxies(serveBelow(s.config.BasePath(), mux))), nil
}

// setUpPage serves the page of the set-up. Once there are people, it redirects to the client.
func (s *Server) setUpPage(w http.ResponseWriter, r *http.Request, client *pages) {
	if needed, err := s.chat.NeedsSetUp(r.Context()); err == nil && !needed {
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, s.config.BasePath()+"/", http.StatusSeeOther)
		return
	}
	client.page(w, r)
}

// ready answers whether the server would serve a new client. It would not while it drains, while this node
// is cut off from the others, and while the database cannot be written.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if s.draining.Load() {
		say(w, http.StatusServiceUnavailable, "draining")
		return
	}
	if s.cluster != nil {
		if cut := s.cluster.Cut(); cut != "" {
			say(w, http.StatusServiceUnavailable, why[cut])
			return
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	began := time.Now()
	err := s.readiness.ask(ctx, s.store.Probe)
	if r.Context().Err() == nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = s.store.Unanswered(began, err)
		}
		s.readiness.log(s.log, err)
	}
	if err != nil {
		say(w, http.StatusServiceUnavailable, unready(err))
		return
	}
	say(w, http.StatusOK, "ready")
}

// readyTime limits the time of the answer to /readyz. A write may wait longer than this for a
// database that another process has locked.
const readyTime = time.Second

// unready answers that the server is not ready, with the reason in one line.
func unready(err error) string {
	var fault *store.FaultError
	switch {
	case errors.As(err, &fault):
		return string(fault.Fault)
	case errors.Is(err, context.DeadlineExceeded):
		return "the database does not answer: another process may have locked it, or the disk is stuck"
	default:
		return "the database cannot be written"
	}
}

// readiness keeps the result of the last probe of the database. Everybody may ask, so
// there is at most one probe a second, and one at a time: a disk that does not answer
// blocks one goroutine.
type readiness struct {
	running sync.WaitGroup

	mu      sync.Mutex
	last    *probe
	failing bool
}

// log logs once that the server is not ready, and once that it is ready again. It does not
// repeat an error that the store has logged.
func (r *readiness) log(log *slog.Logger, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case errors.Is(err, chat.ErrLogged):
	case err != nil && !r.failing:
		log.Error("the server is not ready", "reason", unready(err), "error", err)
		r.failing = true
	case err == nil && r.failing:
		log.Info("the server is ready again")
		r.failing = false
	}
}

type probe struct {
	done  chan struct{} // closed when the others are set
	err   error
	until time.Time // as long as the result is good
}

func (r *readiness) ask(ctx context.Context, try func(context.Context) error) error {
	p := r.latest(try)
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// latest returns the probe that is under way or still good, or starts one.
func (r *readiness) latest(try func(context.Context) error) *probe {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.last; p != nil {
		select {
		case <-p.done:
			if time.Now().Before(p.until) {
				return p
			}
		default:
			return p
		}
	}
	p := &probe{done: make(chan struct{})}
	r.last = p
	r.running.Go(func() {
		defer close(p.done)
		p.err = try(context.Background())
		p.until = time.Now().Add(time.Second)
	})
	return p
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}

// newHTTP returns a server with the limits of the configuration. It has no
// WriteTimeout and no ReadTimeout, because long polls and uploads take long. [exchange]
// limits the time of bodies and [connection] that of answers.
func (s *Server) newHTTP(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: s.config.HTTP.ReadHeaderTimeout,
		IdleTimeout:       s.config.HTTP.IdleTimeout,
		MaxHeaderBytes:    int(s.config.HTTP.MaxHeaderBytes),
		// Faults of clients are not worth a line at this level.
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}
