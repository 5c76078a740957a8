package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"parley/internal/chat"
	"parley/internal/server"
)

type exportCmd struct {
	folder
	format
	Organization string   `group:"What" xor:"what" required:"" placeholder:"ID" help:"An organization: its members, the groups that a member is in, and the one-to-one chats among members."`
	Account      string   `group:"What" xor:"what" required:"" placeholder:"ID" help:"A person: everything that the server knows about the person, without secrets; for requests under data protection law."`
	Group        string   `group:"What" xor:"what" required:"" placeholder:"ID" help:"A group."`
	Chat         []string `group:"What" xor:"what" required:"" placeholder:"ID,ID" help:"The chat between two people, or with one id the chat of a person between the own devices."`
	WithOthers   bool     `help:"With --account: also the messages of others that the person can read. Without it, only those that mention the person."`
	To           string   `arg:"" name:"folder" type:"path" help:"New folder. If the export was interrupted, the same command goes on with it."`
}

// Validate is called by kong.
func (e *exportCmd) Validate() error {
	if len(e.Chat) > 2 {
		return errors.New("--chat takes one or two ids")
	}
	if e.WithOthers && e.Account == "" {
		return errors.New("--with-others needs --account")
	}
	return nil
}

func (e *exportCmd) scope() chat.ExportScope {
	s := chat.ExportScope{Organization: chat.OrganizationID(e.Organization), Account: chat.AccountID(e.Account), Group: chat.GroupID(e.Group)}
	if len(e.Chat) > 0 {
		s.Direct = [2]chat.AccountID{chat.AccountID(e.Chat[0]), chat.AccountID(e.Chat[len(e.Chat)-1])}
	}
	return s
}

func (e *exportCmd) Run(ctx context.Context, c *cli, std streams) error {
	p := &moveProgress{out: std.err, bar: std.terminal}
	return e.with(ctx, c, server.OpenData, func(d *server.Data) error {
		made, err := d.Export(ctx, e.scope(), e.WithOthers, e.To, p.tell)
		p.clear()
		if err != nil {
			return goesOn(ctx, err)
		}
		n := made.Counts
		if e.JSON {
			return e.fields(std.out, "export", made.Path, "people", n.People, "chats", n.Chats, "messages", n.Messages, "files", n.Files, "bytes", n.Bytes, "missing-files", n.MissingFiles)
		}
		_, err = fmt.Fprintf(std.out, "export: %s\n%d people, %d chats, %d messages, %d files with %s\n", made.Path, n.People, n.Chats, n.Messages, n.Files, size(n.Bytes))
		if err == nil && n.MissingFiles > 0 {
			_, err = fmt.Fprintf(std.out, "%d files that messages name do not exist any more\n", n.MissingFiles)
		}
		return err
	})
}

// goesOn says how an interrupted command is continued.
func goesOn(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.New("interrupted. Run the same command again to go on")
	}
	return err
}

type importCmd struct {
	folder
	format
	DryRun       bool   `help:"Change nothing. Print what would be made, what is here already, and what is skipped and why."`
	Files        string `type:"path" placeholder:"FOLDER" help:"Folder with files that the export lacks. Exports of Slack have only links to files."`
	Organization string `placeholder:"ID" help:"Organization that new people join. Default: the main one; for an export of parley, those in the export."`
	Source       string `placeholder:"NAME" help:"Name of the system that the export is from, if two exports of different systems would be taken for one."`
	From         string `arg:"" name:"export" type:"path" help:"Folder, .zip or .tar file; or the .jsonl file of a Mattermost export."`
}

// Help is called by kong.
func (i *importCmd) Help() string {
	return "Nothing is made twice, so an import can be repeated with a later export of the same system. An interrupted import goes on when it is run again."
}

func (i *importCmd) Run(ctx context.Context, c *cli, std streams) error {
	p := &moveProgress{out: std.err, bar: std.terminal}
	return i.with(ctx, c, server.OpenData, func(d *server.Data) error {
		r, err := d.Import(ctx, i.From, server.ImportOptions{
			DryRun: i.DryRun, Files: i.Files, Organization: chat.OrganizationID(i.Organization), Source: i.Source,
		}, p.tell)
		p.clear()
		if err != nil {
			return goesOn(ctx, err)
		}
		if i.JSON {
			return i.object(std.out, r)
		}
		return i.print(std.out, r)
	})
}

func (i *importCmd) object(w io.Writer, r server.ImportReport) error {
	for _, l := range r.Lines {
		if err := object(w, []any{"kind", l.Kind, "name", l.Name, "external", l.External, "action", l.Action, "why", l.Why, "id", l.Own}); err != nil {
			return err
		}
	}
	tally := func(t server.ImportTally) map[string]int {
		return map[string]int{"made": t.Made, "here": t.Matched, "skipped": t.Skipped}
	}
	return object(w, []any{
		"kind", "import", "format", r.Format, "source", r.Source, "dry-run", r.DryRun, "people", tally(r.People), "chats", tally(r.Chats), "messages", tally(r.Messages),
		"files",
		map[string]int{"made": r.Files.Made, "linked": r.Files.Matched, "missing": r.Files.Skipped},
		"pictures",
		map[string]int{"made": r.Pictures.Made, "missing": r.Pictures.Skipped},
		"left-out", r.LeftOut, "skipped", r.Skipped,
	})
}

func (i *importCmd) print(w io.Writer, r server.ImportReport) error {
	made := "made"
	if r.DryRun {
		made = "would be made"
	}
	t := i.table(w, "kind", "action", "name", "id there", "why")
	shown := false
	for _, l := range r.Lines {
		if !r.DryRun && l.Action != chat.PastSkip { // a dry run prints every line
			continue
		}
		shown = true
		if err := t.row(l.Kind, l.Action, oneLine(l.Name), oneLine(l.External), oneLine(l.Why)); err != nil {
			return err
		}
	}
	if shown {
		if err := t.flush(); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "%s export, source %q\n", r.Format, r.Source)
	for _, one := range []struct {
		name string
		server.ImportTally
	}{{"people", r.People}, {"chats", r.Chats}, {"messages", r.Messages}} {
		fmt.Fprintf(w, "%s: %d %s, %d here already, %d skipped\n", one.name, one.Made, made, one.Matched, one.Skipped)
	}
	fmt.Fprintf(w, "files: %d %s, %d only as links, %d missing\n", r.Files.Made, made, r.Files.Matched, r.Files.Skipped)
	if r.Pictures != (server.ImportTally{}) {
		fmt.Fprintf(w, "pictures of people and groups: %d %s, %d missing\n", r.Pictures.Made, made, r.Pictures.Skipped)
	}
	for _, why := range slices.Sorted(maps.Keys(r.Skipped)) {
		fmt.Fprintf(w, "skipped: %d messages: %s\n", r.Skipped[why], oneLine(why))
	}
	for _, what := range slices.Sorted(maps.Keys(r.LeftOut)) {
		fmt.Fprintf(w, "not taken over: %d %s\n", r.LeftOut[what], oneLine(what))
	}
	if r.DryRun {
		_, err := fmt.Fprintln(w, "dry run: nothing was changed")
		return err
	}
	if !r.Changed() {
		_, err := fmt.Fprintln(w, "everything was here already: nothing was changed")
		return err
	}
	return nil
}

// oneLine makes a text of another system safe for a terminal.
func oneLine(text string) string { return strings.Join(strings.Fields(chat.PlainText(text)), " ") }

type eraseCmd struct {
	folder
	format
	Account string `arg:"" name:"account" help:"Id of the person."`
	Yes     bool   `help:"Do it. Without this flag the command only says what would be erased."`
}

func (e *eraseCmd) Run(ctx context.Context, c *cli, std streams) error {
	p := &moveProgress{out: std.err, bar: std.terminal}
	return e.with(ctx, c, server.OpenData, func(d *server.Data) error {
		id := chat.AccountID(e.Account)
		if !e.Yes {
			return e.ask(ctx, d, std)
		}
		done, err := d.Erase(ctx, id, p.tell)
		p.clear()
		switch {
		case err != nil && ctx.Err() != nil:
			return errors.New("interrupted. An erasure that has begun goes on while a server runs, or when the same command runs again")
		case err != nil:
			return err
		}
		if e.JSON {
			return e.fields(std.out, "account", done.Account, "messages", done.Total, "began", done.Began, "ended", done.Ended)
		}
		_, err = fmt.Fprintf(std.out, "erased: %s, %d messages\n", done.Account, done.Total)
		return err
	})
}

// ask prints the data that would be erased.
func (e *eraseCmd) ask(ctx context.Context, d *server.Data, std streams) error {
	p, err := d.Chat.AboutPerson(ctx, chat.AccountID(e.Account))
	if err != nil {
		return err
	}
	n, err := d.Chat.CountMessagesOf(ctx, p.ID)
	if err != nil {
		return err
	}
	if e.JSON {
		err = e.fields(std.out, "account", p.ID, "name", p.Name, "sessions", len(p.Sessions), "messages", n, "erased", false)
	} else {
		_, err = fmt.Fprintf(std.out, "%s, %s: the profile, %d log-ins, %d messages and their files\n", oneLine(p.Name), p.ID, len(p.Sessions), n)
	}
	if err != nil {
		return err
	}
	return errors.New("nothing was erased. An erasure cannot be undone; add --yes to erase")
}
