package main

import (
	"fmt"
	"io"
	"runtime"

	"github.com/alecthomas/kong"

	"parley/internal/server"
)

type versionCmd struct{}

func (versionCmd) Run(std streams) error { return writeVersion(std.out) }

func writeVersion(w io.Writer) error {
	_, err := fmt.Fprintf(w, "parley %s, %s, %s/%s\n", server.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// printVersion is the flag --version.
type printVersion bool

// BeforeReset prints the version before a missing command is an error, as --help does.
func (printVersion) BeforeReset(app *kong.Kong) error {
	if err := writeVersion(app.Stdout); err != nil {
		return err
	}
	app.Exit(0)
	return nil
}
