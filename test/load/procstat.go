//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
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
	p, err := readStat(pid)
	return p.cpu, err
}

// familyTime is the processor time of a process and of its children, of those that
// have ended, too: PostgreSQL has a process for each connection and for each of its tasks.
func familyTime(pid int) (time.Duration, error) {
	p, err := readStat(pid)
	if err != nil {
		return 0, err
	}
	sum := p.cpu + p.ended
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, name := range all {
		child, err := strconv.Atoi(filepath.Base(name))
		if err != nil {
			return 0, err
		}
		if c, err := readStat(child); err == nil && c.parent == pid { // else it has ended
			sum += c.cpu
		}
	}
	return sum, nil
}

// processStat is a part of what the kernel tells about a process.
type processStat struct {
	parent int
	cpu    time.Duration
	ended  time.Duration // of the children that have ended
}

func readStat(pid int) (p processStat, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return p, err
	}
	// The second field is the name in brackets and may contain anything.
	_, rest, _ := bytes.Cut(b, []byte(") "))
	fields := bytes.Fields(rest)
	if len(fields) < 15 {
		return p, fmt.Errorf("unexpected /proc/%d/stat", pid)
	}
	var numbers [5]int64
	for i, field := range append([][]byte{fields[1]}, fields[11:15]...) {
		if numbers[i], err = strconv.ParseInt(string(field), 10, 64); err != nil {
			return p, err
		}
	}
	p.parent = int(numbers[0])
	p.cpu = time.Duration(numbers[1]+numbers[2]) * clockTick
	p.ended = time.Duration(numbers[3]+numbers[4]) * clockTick
	return p, nil
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

// used is processor time.
type used struct {
	server   time.Duration // of all nodes, where there are several
	database time.Duration // of the PostgreSQL server, if there is one
	bus      time.Duration // of the NATS server, if there is one
	own      time.Duration // of the generator
}

func (u used) minus(before used) used {
	return used{u.server - before.server, u.database - before.database, u.bus - before.bus, u.own - before.own}
}

// usage returns what the server and the processes that belong to it have used so far.
func (s *server) usage() (u used, err error) {
	if u.own, err = cpuTime(os.Getpid()); err != nil {
		return u, err
	}
	for _, node := range append([]*server{s}, s.others...) {
		t, err := cpuTime(node.pid)
		if err != nil {
			return u, err
		}
		u.server += t
	}
	if s.database != nil {
		if u.database, err = familyTime(s.database.PID()); err != nil {
			return u, err
		}
	}
	if s.bus != nil {
		u.bus, err = cpuTime(s.bus.pid)
	}
	return u, err
}

// measured is what happened in one window.
type measured struct {
	n    int
	wall time.Duration
	cpu  used
}

func (m measured) perSecond() float64 { return float64(m.n) / m.wall.Seconds() }

// each is the server's processor time for one of n, and eachOf another process's.
func (m measured) each() time.Duration { return m.eachOf(m.cpu.server) }

func (m measured) eachOf(t time.Duration) time.Duration { return t / time.Duration(max(m.n, 1)) }

// fullyUsed is the part of a processor that one thread at its limit uses.
const fullyUsed = 0.9

// generatorLimits reports whether the generator was at its limit and the server was not.
func (m measured) generatorLimits() bool {
	return m.cpu.own.Seconds() >= fullyUsed*m.wall.Seconds() && m.cpu.server.Seconds() < fullyUsed*m.wall.Seconds()
}

func (m measured) String() string {
	share := func(t time.Duration) float64 { return t.Seconds() / m.wall.Seconds() }
	text := fmt.Sprintf("%s a second, %s CPU each (server %.2f", number(m.perSecond()), m.each(), share(m.cpu.server))
	if m.cpu.database > 0 {
		text += fmt.Sprintf(", PostgreSQL %.2f, which is %s each", share(m.cpu.database), m.eachOf(m.cpu.database))
	}
	if m.cpu.bus > 0 {
		text += fmt.Sprintf(", NATS %.2f", share(m.cpu.bus))
	}
	return text + fmt.Sprintf(", generator %.2f processors)", share(m.cpu.own))
}

// watch runs the loop for one window unwatched, because Node compiles what is
// used often, and for another one that it measures.
func (b *bench) watch(s *server, count func() int) (measured, error) {
	if err := b.loop.runFor(b.window); err != nil {
		return measured{}, err
	}
	start, n := time.Now(), count()
	before, err := s.usage()
	if err != nil {
		return measured{}, err
	}
	if err := b.loop.runFor(b.window); err != nil {
		return measured{}, err
	}
	m := measured{n: count() - n, wall: time.Since(start)}
	after, err := s.usage()
	if err != nil {
		return measured{}, err
	}
	m.cpu = after.minus(before)
	if m.n == 0 {
		return measured{}, fmt.Errorf("nothing happened in %s", b.window)
	}
	return m, nil
}
