// Command make writes exports with invented people, to try an import with:
//
//	go run ./test/exports/make --days 10 /tmp/exports
//	go run ./cmd/parley import --dry-run --files /tmp/exports/uploads /tmp/exports/slack.zip
//	go run ./cmd/parley import --dry-run /tmp/exports/mattermost.zip
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"parley/test/exports"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "make:", err)
		os.Exit(1)
	}
}

func run() error {
	days := flag.Int("days", 0, "further days with 40 messages each")
	flag.Parse()
	folder := flag.Arg(0)
	if folder == "" {
		return errors.New("a folder is required")
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	return errors.Join(
		exports.Slack(filepath.Join(folder, "slack.zip"), filepath.Join(folder, "uploads"), *days),
		exports.Mattermost(filepath.Join(folder, "mattermost.zip"), *days),
	)
}
