package server

import (
	"io"
	"log/slog"
	"os"

	"github.com/mattn/go-isatty"

	"parley/internal/config"
)

// NewLogger returns the log that the configuration asks for. Format "auto" is
// text where w is a terminal and JSON otherwise.
func NewLogger(w io.Writer, c config.Log) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo // Validate lets no other value through
	}
	options := &slog.HandlerOptions{Level: level}
	text := c.Format == "text"
	if f, ok := w.(*os.File); ok && c.Format == "auto" {
		text = isatty.IsTerminal(f.Fd())
	}
	if text {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}
