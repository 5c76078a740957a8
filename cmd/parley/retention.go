package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"parley/internal/chat"
	"parley/internal/config"
)

type retentionCmd struct {
	List    retentionListCmd    `cmd:"" help:"List the rules, and how far the removal of old messages is."`
	Set     retentionSetCmd     `cmd:"" help:"Set the rule of an organization or a group. A running server removes what it no longer keeps within the hour."`
	Remove  retentionRemoveCmd  `cmd:"" help:"Remove the rule of an organization or a group."`
	Preview retentionPreviewCmd `cmd:"" help:"Say what would be removed, without changing anything."`
}

// retentionOf names the organization or the group of a rule.
type retentionOf struct {
	Scope string `arg:"" enum:"organization,group" help:"organization or group."`
	ID    string `arg:"" name:"id" help:"Id of the organization or the group."`
}

func (o retentionOf) rule(days int) chat.RetentionRule {
	return chat.RetentionRule{Scope: chat.RetentionScope(o.Scope), ID: o.ID, Days: days}
}

// retentionDays reads a number of days.
func retentionDays(text string) (int, error) {
	if text == "forever" {
		return chat.KeepForever, nil
	}
	days, err := strconv.Atoi(text)
	if err != nil || days < 1 {
		return 0, fmt.Errorf("days: %q is no number of days; write it like 30, or forever", text)
	}
	return days, nil
}

func daysText(days int) string {
	if days == chat.KeepForever {
		return "forever"
	}
	return strconv.Itoa(days)
}

type retentionListCmd struct {
	folder
	format
}

func (r *retentionListCmd) Run(ctx context.Context, c *cli, std streams) error {
	return r.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		rules, run, err := svc.Retention(ctx, chat.Actor{})
		if err != nil {
			return err
		}
		t := r.table(std.out, "scope", "id", "name", "days")
		for _, rule := range rules {
			if err := t.row(rule.Scope, rule.ID, rule.Name, daysText(rule.Days)); err != nil {
				return err
			}
		}
		if err := t.flush(); err != nil {
			return err
		}
		switch {
		case r.JSON || run.Began.IsZero():
		case run.Runs():
			fmt.Fprintf(std.err, "the removal began %s: %d%% of the chats, %d messages removed so far\n",
				run.Began.Format(time.RFC3339), 100*int64(run.Done)/max(run.Conversations, 1), run.Messages)
		default:
			fmt.Fprintf(std.err, "the last removal ended %s: %d messages\n", run.Ended.Format(time.RFC3339), run.Messages)
		}
		return nil
	})
}

type retentionSetCmd struct {
	folder
	retentionOf
	Days string `arg:"" help:"For how many days messages and files are kept: a number, or forever."`
}

func (r *retentionSetCmd) Run(ctx context.Context, c *cli, _ streams) error {
	days, err := retentionDays(r.Days)
	if err != nil {
		return err
	}
	return r.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		_, err := svc.SetRetention(ctx, chat.Actor{}, r.rule(days))
		return retentionError(r.retentionOf, err)
	})
}

type retentionRemoveCmd struct {
	folder
	retentionOf
}

func (r *retentionRemoveCmd) Run(ctx context.Context, c *cli, _ streams) error {
	return r.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		_, err := svc.SetRetention(ctx, chat.Actor{}, r.rule(chat.NoRetention))
		return retentionError(r.retentionOf, err)
	})
}

type retentionPreviewCmd struct {
	folder
	format
	retentionOf
	Days string `arg:"" help:"Number of days to try, or forever."`
}

func (r *retentionPreviewCmd) Run(ctx context.Context, c *cli, std streams) error {
	days, err := retentionDays(r.Days)
	if err != nil {
		return err
	}
	return r.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		rule := r.rule(days)
		bar := &moveProgress{out: std.err, bar: std.terminal}
		p, err := svc.PreviewRetention(ctx, chat.Actor{}, &rule, func(done, total int64) { bar.tell("chats", done, total) })
		bar.clear()
		if err != nil {
			return retentionError(r.retentionOf, err)
		}
		return r.fields(std.out, "chats", p.Chats, "messages", p.Messages, "files", p.Files, "bytes", p.Bytes, "oldest", moment{p.Oldest, "none"})
	})
}

func retentionError(of retentionOf, err error) error {
	if err != nil {
		return fmt.Errorf("%s %s: %w", of.Scope, of.ID, err)
	}
	return nil
}
