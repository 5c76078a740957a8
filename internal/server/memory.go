package server

import (
	"context"
	"io/fs"
	"iter"
	"math"
	"os"
	"path"
	"runtime/debug"
	runtimemetrics "runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/internal/config"
)

// tuneMemory configures the garbage collector. Environment variables of the operator have
// precedence. A limit of 0 in the log means no limit, as in the option.
func (s *Server) tuneMemory() {
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(s.config.Memory.GCPercent)
	}
	if s.memoryLimit > 0 {
		debug.SetMemoryLimit(s.memoryLimit)
	}
	s.log.Info("memory", "limit_mib", s.memoryLimit>>20, "images_mib", int64(s.config.Upload.ImageMemory)>>20)
}

// limitMemory sets the memory limit of the process, and derives the memory limit of
// pictures from it.
func (s *Server) limitMemory() {
	switch limit := s.config.Memory.Limit; {
	case os.Getenv("GOMEMLIMIT") != "":
		if of := debug.SetMemoryLimit(-1); of < math.MaxInt64 {
			s.memoryLimit = of
		}
	case limit == config.Auto:
		s.memoryLimit = availableMemory(os.DirFS("/")) / 4 * 3
	default:
		s.memoryLimit = int64(limit)
	}
	if s.memoryLimit > 0 {
		s.config.Upload.ImageMemory = min(s.config.Upload.ImageMemory, config.Bytes(s.memoryLimit/2))
	}
}

// availableMemory returns how many bytes of memory the machine has, or the cgroup of
// this process allows if that is less; 0 when neither can be read. root is the
// root of the file system.
func availableMemory(root fs.FS) (least int64) {
	consider := func(bytes int64) {
		if bytes > 0 && (least == 0 || bytes < least) {
			least = bytes
		}
	}
	for line := range fileLines(root, "proc/meminfo") {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "MemTotal:" && f[2] == "kB" {
			kib, _ := strconv.ParseInt(f[1], 10, 64)
			consider(kib << 10)
		}
	}
	// Each line is a hierarchy: its number, its controllers, the path of the group. The
	// second version has one without controllers. A limit of a group above counts, too;
	// within a container the path may not be visible, and the root is the group.
	for line := range fileLines(root, "proc/self/cgroup") {
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(f) != 3 {
			continue
		}
		at, file := "sys/fs/cgroup", "memory.max"
		switch {
		case slices.Contains(strings.Split(f[1], ","), "memory"):
			at, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		case f[1] != "":
			continue
		}
		for group := path.Clean("/" + f[2]); ; group = path.Dir(group) {
			for text := range fileLines(root, path.Join(at, group, file)) {
				bytes, _ := strconv.ParseInt(strings.TrimSpace(text), 10, 64) // "max" is no number
				consider(bytes)
			}
			if group == "/" {
				break
			}
		}
	}
	return least
}

// fileLines yields the lines of a file, and nothing if the file cannot be read.
func fileLines(root fs.FS, name string) iter.Seq[string] {
	text, _ := fs.ReadFile(root, name)
	return strings.Lines(strings.TrimSpace(string(text)))
}

// trimEvery is how long the server must have been quiet before its memory is trimmed.
const trimEvery = 5 * time.Second

// trimMemory returns memory to the system after a burst, until ctx ends. The collector
// runs in proportion to allocation, so on a server that has become quiet the garbage of a
// thousand handshakes would stay resident. Even after a collection Go keeps the memory
// that it needed at the peak.
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
	allocated uint64 // since the start
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

// worthTrimming reports whether little was allocated since last and much memory could be
// returned. A collection has to visit all live memory, so a busy server leaves it to the
// collector, and for a few pages it is not worth the time.
func worthTrimming(last, now memory) bool {
	const little, much = 1 << 20, 8 << 20
	quiet := now.allocated-last.allocated < little+now.live/16
	surplus := now.free
	if now.objects > now.live {
		surplus += now.objects - now.live
	}
	return quiet && surplus > much && surplus > now.live/4
}
