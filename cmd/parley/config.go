package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"parley/internal/config"
)

type configCmd struct {
	Print configPrintCmd `cmd:"" help:"Print the configuration in use as a file, without secrets."`
	Check configCheckCmd `cmd:"" help:"Check the configuration and print its errors."`
	Doc   configDocCmd   `cmd:"" help:"Print the documentation of every option."`
}

type configPrintCmd struct {
	config.Config `embed:""`
}

func (c *configPrintCmd) Run(std streams) error { return config.Print(std.out, c.Config) }

// configCheckCmd has only the environment's unknown variables left to check when
// it runs: reading was the check of the rest.
type configCheckCmd struct {
	config.Config `embed:""`
}

func (c *configCheckCmd) Run(std streams) error {
	strays, err := config.Strays(os.Environ())
	if err != nil {
		return err
	}
	if len(strays) > 0 {
		return errors.New(strings.Join(strays, "\n"))
	}
	_, err = fmt.Fprintln(std.out, "the configuration is fine")
	return err
}

type configDocCmd struct{}

func (configDocCmd) Run(std streams) error { return config.Doc(std.out) }
