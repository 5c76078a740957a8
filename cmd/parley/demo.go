package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/template"

	"parley/internal/config"
	"parley/internal/server"
	"parley/internal/server/demo"
)

type demoCmd struct {
	Listen string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to listen on. Port 0 chooses a free port."`
	Data   string `placeholder:"FOLDER" help:"Folder of the database, which is kept. Default: a temporary folder, which is removed at the end."`
	Bare   bool   `help:"Only create the people, a group and three messages, for tests by programs."`
	JSON   bool   `name:"json" help:"Print one line of JSON instead of text."`
}

// demoOutput is the line of --json.
type demoOutput struct {
	URL  string `json:"url"`
	Path string `json:"path"` // where sockets connect
	demo.World
}

func (d *demoCmd) Run(ctx context.Context, c *cli, std streams) (err error) {
	loaded, err := config.Load(string(c.ConfigFile), "--listen="+d.Listen)
	if err != nil {
		return err
	}
	cfg, err := d.adapt(loaded)
	if err != nil {
		return err
	}
	if cfg.Data == "" {
		if cfg.Data, err = os.MkdirTemp("", "parley-demo-"); err != nil {
			return fmt.Errorf("a temporary folder: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(cfg.Data)) }()
	}
	log := server.NewLogger(std.err, cfg.Log)
	if err := warnOfStrays(log); err != nil {
		return err
	}
	warnOfFileAddresses(log, &loaded) // without the origins that only a demo has
	s, err := server.New(ctx, cfg, log, nil)
	if err != nil {
		return d.explain(err)
	}
	s.ServeCommands(serveCommand)
	world, err := demo.Fill(ctx, s.Chat(), s.SignInLink)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	if !d.Bare {
		if err := demo.Show(ctx, s.Chat(), world, s.StoreFile); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	out := demoOutput{URL: s.URL(), Path: cfg.Socket.Paths[0], World: world}
	// The listener is open: a client that connects now is answered as soon as Run starts.
	if d.JSON {
		err = json.NewEncoder(std.out).Encode(out)
	} else {
		err = tell(std.out, out, cfg.Data, d.Data != "")
	}
	if err != nil {
		return errors.Join(err, s.Close())
	}
	return s.Run(ctx)
}

// Help is called by kong. It says which options the demo uses.
func (d *demoCmd) Help() string {
	return "The demo takes every option of serve from the file and the environment, except listen, data and metrics.listen. " +
		"If they are not set, default-app is the demo's application, socket.allowed-origins lists the pages of this machine, and log.level is warn."
}

// adapt makes a server's configuration that of a demo, which is only for this
// machine: it takes no second port, and lets the pages of this machine connect.
func (d *demoCmd) adapt(cfg config.Config) (_ config.Config, err error) {
	cfg.Data = ""
	if d.Data != "" {
		if cfg.Data, err = filepath.Abs(d.Data); err != nil {
			return config.Config{}, fmt.Errorf("folder %s: %w", d.Data, err)
		}
	}
	cfg.Metrics.Listen = ""
	if cfg.DefaultApp == "" {
		cfg.DefaultApp = demo.AppKey
	}
	if len(cfg.Socket.AllowedOrigins) == 0 {
		cfg.Socket.AllowedOrigins = server.LoopbackOrigins()
	}
	if _, set := os.LookupEnv(config.EnvName("log.level")); !set && cfg.Log.Level == "info" {
		cfg.Log.Level = "warn" // the text below is easier to read without them
	}
	return cfg, nil
}

func (d *demoCmd) explain(err error) error {
	if errors.Is(err, server.ErrPortTaken) {
		return fmt.Errorf("%w (or let it choose a port: parley demo --listen 127.0.0.1:0)", err)
	}
	return err
}

func tell(w io.Writer, out demoOutput, folder string, kept bool) error {
	return demoText.Execute(w, struct {
		demoOutput
		Folder string
		Kept   bool
	}{out, folder, kept})
}

var demoText = template.Must(template.New("demo").Parse(`parley serves at {{.URL}}

For programs: sockets at {{.Path}}, host API at {{.URL}}/docs

  app key    {{.App}}  (for clients)
  signing    {{.SigningKey}}  (JWTs of its users)
  host key   {{.HostApp.App}}  (for the host API)
  secret     {{.HostApp.Secret}}
{{range .Accounts}}
  {{.Name}}
    account  {{.ID}}
    token    {{.Token}}
{{end}}
  {{.Group.Name}}, with all three as members
    group    {{.Group.ID}}

  {{.Stranger.Name}}
    account  {{.Stranger.ID}}
    token    {{.Stranger.Token}}

To send a message from a program, run this (it needs Node.js and npm):

(cd "$(mktemp -d)" && npm install --silent socket.io-client@4 && node - <<'END'
const { io } = require('socket.io-client')
const app = '{{.App}}', url = '{{.URL}}', path = '{{.Path}}'
const one = io(url, { path, auth: { token: '{{(index .Accounts 0).Token}}', app } })
const two = io(url, { path, auth: { token: '{{(index .Accounts 1).Token}}', app } })
let steps = 2
const done = (...text) => { console.log(...text); if (--steps === 0) { one.close(); two.close() } }
two.on('new group message', (m) => done('{{(index .Accounts 1).Name}} reads:', m.msg.con))
two.on('connect', () => one.emit('send group message',
  { togroup: '{{.Group.ID}}', msg: 'Hello from {{(index .Accounts 0).Name}}', type: 1, waitingid: String(Date.now()) },
  (err, sent) => done(err ? err.error : 'stored as message ' + sent.id)))
for (const s of [one, two]) s.on('connect_error', (e) => { console.log(e.message); process.exit(1) })
END
)

For people: open one of these links in a browser. Each tab can show another person.
{{range .Accounts}}
  {{.Name}}
    {{.Link}}{{end}}

  {{.Stranger.Name}}, of no organization
    {{.Stranger.Link}}

{{if .Kept}}The data are kept in {{.Folder}}. Links and tokens of earlier starts still work, and so does the secret of the last start.{{else}}The data are in the temporary folder {{.Folder}}, which is removed when the server stops.{{end}} Stop with Ctrl-C.
`))
