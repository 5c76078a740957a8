package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// ErrNobody is returned by [Do] if no server takes the command: none listens, or the one
// that listens serves another database.
var ErrNobody = errors.New("no server takes commands in this folder")

// Done is the end of a command.
type Done struct {
	Status  int
	Program string // the version of the server
}

// Do lets the server of the data folder run a command. The end of ctx interrupts the
// command, and Do returns when the server has ended it.
func Do(ctx context.Context, folder string, call Call, std Streams) (Done, error) {
	c, err := dial(folder)
	if err != nil {
		if errors.Is(err, ErrPath) {
			return Done{}, err
		}
		return Done{}, ErrNobody
	}
	defer c.Close()
	in, out := json.NewDecoder(c), &sender{to: json.NewEncoder(c)}
	call.Version = version
	var hello answer
	if err := errors.Join(out.send(call), in.Decode(&hello)); err != nil {
		return Done{}, ErrNobody // it stops at this moment
	}
	if hello.Declined {
		return Done{}, ErrNobody
	}
	stop := context.AfterFunc(ctx, func() { _ = out.send(toServer{Cancel: true}) })
	defer stop()
	done := Done{Program: hello.Program}
	err = follow(in, out, std, &done.Status)
	return done, err
}

// errLost means that the connection ended before the exit status arrived.
var errLost = errors.New("the server has ended while it ran the command")

// follow prints what comes until the command has ended.
func follow(in *json.Decoder, out *sender, std Streams, status *int) error {
	var once sync.Once
	wanted := make(chan struct{}, 1)
	defer close(wanted)
	for {
		var m toClient
		if err := in.Decode(&m); err != nil {
			return fmt.Errorf("%w: %w", errLost, err)
		}
		// If the output is closed, the connection ends, and with it the command.
		if _, err := std.Out.Write(m.Out); err != nil {
			return err
		}
		if _, err := std.Err.Write(m.Err); err != nil {
			return err
		}
		switch {
		case m.Read:
			once.Do(func() { go pass(std.In, out, wanted) })
			wanted <- struct{}{}
		case m.Exit != nil:
			*status = *m.Exit
			return nil
		}
	}
}

// pass sends a part of standard input whenever one is wanted. It may end after the command:
// reading from a terminal cannot be interrupted.
func pass(from io.Reader, out *sender, wanted <-chan struct{}) {
	buffer := make([]byte, part)
	for range wanted {
		n, err := 0, io.EOF
		if from != nil {
			n, err = from.Read(buffer)
		}
		if out.send(toServer{In: buffer[:n], EOF: err != nil}) != nil {
			return
		}
	}
}
