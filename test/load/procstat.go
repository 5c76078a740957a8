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

// A stopwatch measures the processor time of a server over a stretch of time.
type stopwatch struct {
	pid int
	at  time.Time
	cpu time.Duration
}

func startWatch(pid int) (stopwatch, error) {
	cpu, err := cpuTime(pid)
	return stopwatch{pid: pid, at: time.Now(), cpu: cpu}, err
}

func (w stopwatch) read() (wall, cpu time.Duration, err error) {
	now, err := cpuTime(w.pid)
	return time.Since(w.at), now - w.cpu, err
}
