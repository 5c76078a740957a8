package main

import (
	"context"
	"fmt"
	"strings"

	"parley/internal/chat"
	"parley/internal/config"
)

type settingsCmd struct {
	List  settingsListCmd  `cmd:"" help:"List the settings with their values and sources."`
	Set   settingsSetCmd   `cmd:"" help:"Change settings, all or none."`
	Reset settingsResetCmd `cmd:"" help:"Give settings their defaults again."`
}

type settingsListCmd struct {
	folder
	format
}

func (s *settingsListCmd) Run(ctx context.Context, c *cli, std streams) error {
	return s.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		seen, err := svc.AllSettings(ctx, chat.Actor{})
		if err != nil {
			return err
		}
		t := s.table(std.out, "name", "value", "source", "default")
		for _, o := range seen.Options {
			if !o.Live {
				continue
			}
			if err := t.row(o.Name, o.Value, o.Source, o.Default); err != nil {
				return err
			}
		}
		return t.flush()
	})
}

type settingsSetCmd struct {
	folder
	Values []string `arg:"" name:"name=value" help:"Names of settings with their values, like upload.max-image=50MiB."`
}

func (s *settingsSetCmd) Run(ctx context.Context, c *cli, _ streams) error {
	var changes []chat.SettingChange
	for _, text := range s.Values {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return fmt.Errorf("%q is no name with a value; write it like upload.max-image=50MiB", text)
		}
		changes = append(changes, chat.SettingChange{Name: name, Value: value})
	}
	return s.change(ctx, c, changes)
}

type settingsResetCmd struct {
	folder
	Names []string `arg:"" name:"name" help:"Names of settings."`
}

func (s *settingsResetCmd) Run(ctx context.Context, c *cli, _ streams) error {
	var changes []chat.SettingChange
	for _, name := range s.Names {
		changes = append(changes, chat.SettingChange{Name: name, Reset: true})
	}
	return s.change(ctx, c, changes)
}

func (f folder) change(ctx context.Context, c *cli, changes []chat.SettingChange) error {
	return f.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		if _, err := svc.ChangeSettings(ctx, chat.Actor{}, "", changes); err != nil {
			return fmt.Errorf("settings: %w", err)
		}
		return nil
	})
}
