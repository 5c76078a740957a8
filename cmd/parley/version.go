package main

import (
	"fmt"
	"runtime"

	"parley/internal/server"
)

type versionCmd struct{}

func (versionCmd) Run(std streams) error {
	_, err := fmt.Fprintf(std.out, "parley %s, %s, %s/%s\n", server.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
