//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// The kernel reports times of processes in hundredths of a second, on every
// architecture that Go has for Linux.
const clockTick = 10 * time.Millisecond

// cpuTime is the processor time that a process has used so far, in its own code
// and in the kernel on its behalf, all threads together. On loopback the kernel
// does the receiver's share of TCP on the sender's account; that falls on every
// server alike.
func cpuTime(pid int) (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The second field is the name in brackets and may contain anything.
	_, rest, _ := bytes.Cut(b, []byte(") "))
	fields := bytes.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("unexpected /proc/%d/stat", pid)
	}
	user, err := strconv.ParseInt(string(fields[11]), 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(string(fields[12]), 10, 64)
	if err != nil {
		return 0, err
	}
	return time.Duration(user+system) * clockTick, nil
}

// resident is the memory of a process that is in RAM, in bytes.
func resident(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(b) {
		if value, ok := bytes.CutPrefix(line, []byte("VmRSS:")); ok {
			kib, err := strconv.ParseInt(string(bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(value), []byte("kB")))), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("no VmRSS in /proc/%d/status", pid)
}

// measured is what happened in one window.
type measured struct {
	n    int
	wall time.Duration
	cpu  time.Duration // of the server
	own  time.Duration // of the generator
}

func (m measured) perSecond() float64 { return float64(m.n) / m.wall.Seconds() }

// each is the server's processor time for one of n.
func (m measured) each() time.Duration { return m.cpu / time.Duration(max(m.n, 1)) }

func (m measured) String() string {
	return fmt.Sprintf("%s a second, %s CPU each (server %.2f, generator %.2f processors)",
		number(m.perSecond()), m.each(), m.cpu.Seconds()/m.wall.Seconds(), m.own.Seconds()/m.wall.Seconds())
}

// watch runs the loop for one window unwatched, because Node compiles what is
// used often, and for another one that it measures.
func (b *bench) watch(s *server, count func() int) (measured, error) {
	if err := b.loop.runFor(b.window); err != nil {
		return measured{}, err
	}
	start, n := time.Now(), count()
	cpu, err := cpuTime(s.pid)
	if err != nil {
		return measured{}, err
	}
	own, err := cpuTime(os.Getpid())
	if err != nil {
		return measured{}, err
	}
	if err := b.loop.runFor(b.window); err != nil {
		return measured{}, err
	}
	m := measured{n: count() - n, wall: time.Since(start)}
	if m.cpu, err = cpuTime(s.pid); err != nil {
		return measured{}, err
	}
	if m.own, err = cpuTime(os.Getpid()); err != nil {
		return measured{}, err
	}
	m.cpu -= cpu
	m.own -= own
	if m.n == 0 {
		return measured{}, fmt.Errorf("nothing happened in %s", b.window)
	}
	return m, nil
}
