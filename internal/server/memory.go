package server

import (
	"context"
	"os"
	"runtime/debug"
	runtimemetrics "runtime/metrics"
	"time"
)

// tuneMemory sets the collector; what the operator put into the environment wins.
func (s *Server) tuneMemory() {
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(s.config.Memory.GCPercent)
	}
	if _, set := os.LookupEnv("GOMEMLIMIT"); !set && s.config.Memory.Limit > 0 {
		debug.SetMemoryLimit(int64(s.config.Memory.Limit))
	}
}

// trimEvery is how long the server must have been quiet for its memory to be trimmed.
const trimEvery = 5 * time.Second

// trimMemory gives memory back to the system once a burst is over, until ctx ends.
// The collector works in step with allocation, so on a server that has become quiet
// the remains of a thousand handshakes would stay resident, and even once they
// are collected Go keeps what it needed at the peak.
func (s *Server) trimMemory(ctx context.Context) {
	ticker := time.NewTicker(trimEvery)
	defer ticker.Stop()
	var last memory
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := readMemory()
		if worthTrimming(last, now) {
			debug.FreeOSMemory()
		}
		last = now
	}
}

// memory is the state of the heap in bytes.
type memory struct {
	allocated uint64 // ever
	objects   uint64 // that live or have not been collected yet
	live      uint64 // at the end of the last collection
	free      uint64 // resident, but not used
}

func readMemory() memory {
	samples := []runtimemetrics.Sample{
		{Name: "/gc/heap/allocs:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
	}
	runtimemetrics.Read(samples)
	value := func(i int) uint64 {
		if samples[i].Value.Kind() != runtimemetrics.KindUint64 {
			return 0
		}
		return samples[i].Value.Uint64()
	}
	return memory{allocated: value(0), objects: value(1), live: value(2), free: value(3)}
}

// worthTrimming reports whether little was allocated since last and much could be
// given back. A collection costs a pass over what lives, so on a busy server it is
// left to the collector, and for a few pages it is not worth it.
func worthTrimming(last, now memory) bool {
	const little, much = 1 << 20, 8 << 20
	quiet := now.allocated-last.allocated < little+now.live/16
	surplus := now.free
	if now.objects > now.live {
		surplus += now.objects - now.live
	}
	return quiet && surplus > much && surplus > now.live/4
}
