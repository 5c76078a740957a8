//go:build linux

package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// processors are those of a measurement in which the server and the generator have one processor each, so that neither takes
// the other's time and a server with one thread is compared with a server that would use several.
type processors struct {
	all, server, generator unix.CPUSet
}

// findProcessors chooses the first two that this process may use; nil: there is only one.
func findProcessors() (*processors, error) {
	p := &processors{}
	if err := unix.SchedGetaffinity(0, &p.all); err != nil {
		return nil, fmt.Errorf("affinity: %w", err)
	}
	if p.all.Count() < 2 {
		return nil, nil
	}
	chosen := []*unix.CPUSet{&p.generator, &p.server}
	for n := 0; len(chosen) > 0; n++ {
		if p.all.IsSet(n) {
			chosen[0].Set(n)
			chosen = chosen[1:]
		}
	}
	return p, nil
}

// start starts a server on its processor. The process inherits the processor of the thread that starts it, so a program in Go
// has one thread for Go code from its beginning.
func (p *processors) start(start starter) (*server, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.SchedSetaffinity(0, &p.server); err != nil {
		return nil, fmt.Errorf("affinity: %w", err)
	}
	s, err := start()
	// Threads that began meanwhile may have the processor of the server.
	if own := p.pinThreads(&p.generator); err == nil && own != nil {
		s.stop()
		return nil, own
	}
	return s, err
}

// release lets this process use all processors again.
func (p *processors) release() error { return p.pinThreads(&p.all) }

// pinThreads moves all threads of this process.
func (p *processors) pinThreads(to *unix.CPUSet) error {
	const folder = "/proc/self/task"
	threads, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, thread := range threads {
		id, err := strconv.Atoi(thread.Name())
		if err != nil {
			return fmt.Errorf("%s: %w", folder, err)
		}
		if err := unix.SchedSetaffinity(id, to); err != nil && err != unix.ESRCH { // ESRCH: it has ended
			return fmt.Errorf("affinity: %w", err)
		}
	}
	return nil
}

// compareApart is compare with a processor for the server and one for the generator.
func (b *bench) compareApart(starters []starter, measure func(*server) error, rows ...*row) error {
	if b.processors == nil {
		return b.compare(starters, measure, rows...)
	}
	apart := make([]starter, len(starters))
	for i, start := range starters {
		apart[i] = func() (*server, error) { return b.processors.start(start) }
	}
	err := b.compare(apart, measure, rows...)
	if released := b.processors.release(); err == nil {
		err = released
	}
	return err
}
