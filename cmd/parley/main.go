// Command parley is a chat server for ordinary Socket.IO clients, and the tools
// of those who run it.
//
//	parley demo      a server with invented people, to look at
//	parley serve     the server
//	parley --help    everything else
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	_ "time/tzdata" // zones by name on machines that have none

	"github.com/alecthomas/kong"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/control"
	"parley/internal/server"
)

type cli struct {
	ConfigFile   config.File  `name:"config" env:"PARLEY_CONFIG" placeholder:"FILE" help:"Configuration file, YAML. ${env}"`
	PrintVersion printVersion `name:"version" help:"Print the version."`

	Demo    demoCmd      `cmd:"" help:"Serve a demo with invented people, and print links, keys and tokens."`
	Serve   serveCmd     `cmd:"" help:"Run the server."`
	Migrate migrateCmd   `cmd:"" help:"Bring the database to the current version; serve does this, too."`
	Verify  verifyCmd    `cmd:"" help:"Recount the database from the messages and report the differences."`
	Move    moveCmd      `cmd:"" help:"Copy a data folder's database into an empty PostgreSQL database, or back."`
	Backup  backupCmd    `cmd:"" help:"Add a backup of the database and the files to a folder of backups, also while the server runs."`
	Restore restoreCmd   `cmd:"" help:"Fill a new data folder, or a new PostgreSQL database, from a backup."`
	Export  exportCmd    `cmd:"" help:"Write an organization, a person or a chat with its messages and files into a folder."`
	Import  importCmd    `cmd:"" help:"Take over people, groups, messages and files from an export of parley, Mattermost or Slack."`
	Erase   eraseCmd     `cmd:"" help:"Erase a person for ever: the profile, the log-ins, the texts and the files."`
	Recover recoverCmd   `cmd:"" help:"Copy the readable rows of a damaged database into a new folder."`
	App     appCmd       `cmd:"" help:"Applications: the programs that connect to the server."`
	Account accountCmd   `cmd:"" help:"Accounts of people."`
	Org     orgCmd       `cmd:"" help:"Organizations, whose members can write to each other."`
	Set     settingsCmd  `cmd:"" name:"settings" help:"Settings, which can be changed while the server runs."`
	Retain  retentionCmd `cmd:"" name:"retention" help:"For how long messages and files are kept."`
	Token   tokenCmd     `cmd:"" help:"Access tokens."`
	Upload  uploadCmd    `cmd:"" name:"upload-key" help:"The key that signs uploads to this server and addresses of files."`
	Health  healthCmd    `cmd:"" help:"Ask the running server whether it is ready, and exit with 1 if it is not."`
	Config  configCmd    `cmd:"" help:"Show, check or document the configuration."`
	Version versionCmd   `cmd:"" help:"Print the version."`
	Help    helpCmd      `cmd:"" help:"Show the help of a command, as --help does."`

	call invocation
}

// streams is where a command reads and writes.
type streams struct {
	out, err io.Writer
	in       io.Reader
	terminal bool // err is one
}

// invocation is what a command needs to know of its command line.
type invocation struct {
	args   []string
	std    streams
	folder string       // to which paths among the arguments are relative; empty: this process's
	served *server.Data // of the server in which this process runs the command; nil: none
	paths  *[]string    // the absolute paths among the arguments
}

func main() {
	// The first signal asks to drain; from then on signals do what they do by
	// default, so that the second ends the process at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdout, os.Stderr, os.Stdin, isTerminal(os.Stderr)}))
}

// run returns the exit status: 0 done, 1 failed, 2 called wrongly.
func run(ctx context.Context, args []string, std streams) int {
	return perform(ctx, invocation{args: args, std: std})
}

// serveCommand runs a command in the process of a server, for a client of its socket. The
// client has parsed the same arguments.
func serveCommand(ctx context.Context, d *server.Data, call control.Call, std control.Streams) int {
	v := invocation{args: call.Args, std: streams{std.Out, std.Err, std.In, call.Terminal}, folder: call.Folder, served: d}
	for _, p := range call.Places {
		if !p.IsSame() {
			return fail(v.std, fmt.Errorf("the server runs this command, and it cannot see %s. It lacks the permission, or has file systems of its own. %s", p.Path, servicePaths), 1)
		}
	}
	return perform(ctx, v)
}

// servicePaths ends an error about a path that a server cannot use.
const servicePaths = "The service of the Debian package does not see /home, /root and /tmp, and writes only below /var/lib/parley and /var/backups/parley"

// explainServed completes the error of a command that a server runs.
func explainServed(err error) error {
	if errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w. The server runs this command, so it must have access. %s", err, servicePaths)
	}
	return err
}

func perform(ctx context.Context, call invocation) int {
	args, std := call.args, call.std
	call.paths = new([]string)
	c := cli{call: call}
	exit := -1
	options := append(config.Kong(),
		kong.Name("parley"),
		kong.Description("A chat server for ordinary Socket.IO clients."),
		kong.Vars{"env": "Environment: PARLEY_CONFIG.", "scopes": strings.ReplaceAll(scopeList(chat.Scopes), ",", ", ")},
		kong.Writers(std.out, std.err),
		kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
		kong.NamedMapper("path", pathFrom(call.folder, call.paths)),
	)
	parser, err := kong.New(&c, options...)
	if err != nil {
		return fail(std, err, 1)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	switch {
	case exit >= 0: // help was asked for
		return exit
	case err != nil:
		return fail(std, err, 2)
	}
	ctx = chat.WithOrigin(ctx, chat.OperatorOrigin(parsed.Selected().Path()))
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(&c)
	var elsewhere *servedError
	switch {
	case errors.As(err, &elsewhere): // which has printed why
		return elsewhere.status
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return fail(std, errors.New("interrupted"), 1)
	case err != nil && call.served != nil:
		return fail(std, explainServed(err), 1)
	case err != nil:
		return fail(std, err, 1)
	}
	return 0
}

// pathFrom maps arguments of the type path, which may be relative to a folder. It collects them in
// absolute form.
func pathFrom(folder string, all *[]string) kong.MapperFunc {
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		var path string
		if err := ctx.Scan.PopValueInto("path", &path); err != nil {
			return err
		}
		if path != "" && folder != "" && !filepath.IsAbs(path) {
			path = filepath.Join(folder, path)
		}
		target.SetString(path)
		if path != "" {
			absolute, err := filepath.Abs(path)
			if err != nil {
				return err
			}
			*all = append(*all, absolute)
		}
		return nil
	}
}

// invalidPayload begins the text of an invalid input for a client. An operator sends no payload.
const invalidPayload = "invalid payload: "

func fail(std streams, err error, code int) int {
	// A report has been printed; its finding is the status alone.
	if !errors.Is(err, errFound) {
		fmt.Fprintf(std.err, "parley: %s\n", strings.Replace(err.Error(), invalidPayload, "", 1))
	}
	return code
}
