package main

import "context"

type helpCmd struct {
	Command []string `arg:"" optional:"" help:"The command, such as: app create. Default: all commands."`
}

// Run does what the command does with --help.
func (h *helpCmd) Run(ctx context.Context, c *cli) error {
	call := c.call
	call.args = append(h.Command, "--help")
	if status := perform(ctx, call); status != 0 {
		return &servedError{status}
	}
	return nil
}
