package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Bus has the addresses of NATS servers, separated by commas; empty: this process is not one
// of several. They may have passwords or tokens, so that these are hidden where a
// configuration is printed.
type Bus string

// URLs returns the addresses.
func (b Bus) URLs() []string {
	var urls []string
	for text := range strings.SplitSeq(string(b), ",") {
		if text = strings.TrimSpace(text); text != "" {
			urls = append(urls, text)
		}
	}
	return urls
}

// String leaves out users, passwords and tokens.
func (b Bus) String() string {
	urls := b.URLs()
	for i, text := range urls {
		u, err := url.Parse(text)
		if err != nil {
			return "(hidden)"
		}
		u.User = nil
		urls[i] = u.String()
	}
	return strings.Join(urls, ",")
}

// BeforeApply refuses a password or token on the command line; see [Secret.BeforeApply].
func (b Bus) BeforeApply(ctx *kong.Context, at *kong.Path) error {
	if at.Resolved || !slices.Contains(ctx.Path, at) {
		return nil
	}
	value, _ := ctx.FlagValue(at.Flag).(Bus)
	for _, text := range value.URLs() {
		if u, err := url.Parse(text); err == nil && u.User != nil {
			return fmt.Errorf("--bus: a password or token on the command line can be read by every user of this machine; put the address into %s or the "+
				"configuration file, or use %s, and replace the password if it was real", EnvName("bus"), "--nats.creds")
		}
	}
	return nil
}

// check returns what is wrong with the addresses, without their passwords.
func (b Bus) check() error {
	const want = "must be the addresses of NATS servers, separated by commas, like nats://nats-1.example.test:4222,nats://nats-2.example.test:4222"
	if b != "" && len(b.URLs()) == 0 {
		return errors.New(want)
	}
	for _, text := range b.URLs() {
		u, err := url.Parse(text)
		if err != nil || u.Hostname() == "" || u.Scheme != "nats" && u.Scheme != "tls" {
			return errors.New(want)
		}
	}
	return nil
}
