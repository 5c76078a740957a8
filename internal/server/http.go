package server

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"parley/internal/rest"
	"parley/web"
)

// routes is the one listener's map.
func (s *Server) routes() (http.Handler, error) {
	client, err := newPages(web.FS, s.config.BasePath(), s.uploads.origins()...)
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
	mux.Handle("/", rest.New(s.restOptions(), s.chat))
	return s.trustProxies(serveBelow(s.config.BasePath(), mux)), nil
}

// ready says whether a new client would be served: not while draining, and not
// without a database.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if s.draining.Load() {
		say(w, http.StatusServiceUnavailable, "draining")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	if err := s.store.Ping(ctx); err != nil {
		s.log.ErrorContext(r.Context(), "database does not answer", "err", err)
		say(w, http.StatusServiceUnavailable, "the database does not answer")
		return
	}
	say(w, http.StatusOK, "ready")
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}

// newHTTP returns a server with the limits of the configuration. It has no
// WriteTimeout and no ReadTimeout: a long poll lasts, and each handler bounds the
// time of the bodies that it reads.
func (s *Server) newHTTP(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: s.config.HTTP.ReadHeaderTimeout,
		IdleTimeout:       s.config.HTTP.IdleTimeout,
		MaxHeaderBytes:    int(s.config.HTTP.MaxHeaderBytes),
		// What clients do wrong on a connection is theirs; it is no news at this level.
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}
