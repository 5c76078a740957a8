package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/mattn/go-isatty"

	"parley/internal/config"
	"parley/internal/server"
)

type serveCmd struct {
	config.Config `embed:""`
}

func (c *serveCmd) Run(ctx context.Context, std streams) error {
	log := server.NewLogger(std.err, c.Log)
	if err := warnOfStrays(log); err != nil {
		return err
	}
	warnOfFileAddresses(log, &c.Config)
	s, err := server.New(ctx, c.Config, log, nil)
	if err != nil {
		return err
	}
	s.ServeCommands(serveCommand)
	links, err := s.SetUpLinks(ctx)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	tellSetUp(std.out, log, links)
	defer rereadOnHangup(s, &c.TLS)()
	return s.Run(ctx)
}

// rereadOnHangup makes SIGHUP read the files of the certificate again. Without these files, the signal ends the process as usual.
func rereadOnHangup(s *server.Server, o *config.TLS) (stop func()) {
	if o.Certificate == "" {
		return func() {}
	}
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range hangups {
			s.RereadCertificate()
		}
	}()
	return func() {
		signal.Stop(hangups)
		close(hangups)
		<-ended
	}
}

// tellSetUp shows the links that set up a server without people: on the terminal, or in the log if there
// is no terminal.
func tellSetUp(out io.Writer, log *slog.Logger, links []string) {
	if len(links) == 0 {
		return
	}
	if f, ok := out.(*os.File); !ok || !isatty.IsTerminal(f.Fd()) {
		log.Warn("nobody has an account yet: open the link to set up this server; it works once", "links", links)
		return
	}
	fmt.Fprintln(out, "\nNobody has an account yet. Open this link to set up this server; it works once:\n\n  "+strings.Join(links, "\n  ")+"\n")
}

// warnOfStrays logs variables of the environment that are probably mistyped options.
func warnOfStrays(log *slog.Logger) error {
	strays, err := config.Strays(os.Environ())
	for _, stray := range strays {
		log.Warn("a variable of the environment is ignored", "reason", stray)
	}
	return err
}

// warnOfFileAddresses logs that pages of other origins cannot use the addresses of files.
func warnOfFileAddresses(log *slog.Logger, c *config.Config) {
	if len(c.Socket.AllowedOrigins) > 0 && c.PublicURL == "" {
		log.Warn("socket.allowed-origins is set and public-url is not: the addresses of files begin with a slash, "+
			"and pages of other origins look for them at their own origin",
			"remedy", "set public-url to the address that people open")
	}
}
