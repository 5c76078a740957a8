package server

import (
	"runtime/debug"
	"testing"
	"testing/fstest"

	"parley/internal/config"
)

func TestAvailableMemory(t *testing.T) {
	const mib = 1 << 20
	machine := "MemFree: 1 kB\nMemTotal:        8388608 kB\n"
	for _, c := range []struct {
		what  string
		files map[string]string
		want  int64
	}{
		{"nothing can be read", nil, 0},
		{"a machine", map[string]string{"proc/meminfo": machine}, 8192 * mib},
		{"cgroup 2 without a limit", map[string]string{"proc/meminfo": machine, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n"}, 8192 * mib},
		{"a container of cgroup 2", map[string]string{"proc/meminfo": machine, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "536870912\n"}, 512 * mib},
		{"a service below a slice", map[string]string{
			"proc/meminfo": machine, "proc/self/cgroup": "0::/system.slice/parley.service\n",
			"sys/fs/cgroup/system.slice/parley.service/memory.max": "max\n", "sys/fs/cgroup/system.slice/memory.max": "1073741824\n",
		}, 1024 * mib},
		{"more than the machine has", map[string]string{"proc/meminfo": machine, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "99999999999999\n"}, 8192 * mib},
		{"cgroup 1, whose path is that of the machine", map[string]string{
			"proc/meminfo": machine, "proc/self/cgroup": "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/docker/abc\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "268435456\n",
		}, 256 * mib},
		{"cgroup 1 without a limit", map[string]string{
			"proc/meminfo": machine, "proc/self/cgroup": "4:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}, 8192 * mib},
		{"damaged", map[string]string{"proc/meminfo": "MemTotal: many kB\n", "proc/self/cgroup": "x\n0::/\n", "sys/fs/cgroup/memory.max": "\n"}, 0},
	} {
		files := fstest.MapFS{}
		for name, text := range c.files {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := availableMemory(files); got != c.want {
			t.Errorf("%s: got %d, want %d", c.what, got, c.want)
		}
	}
}

// upload.image-memory was no bound of the process: it was the same where the process
// had less.
func TestImagesTakeHalfOfTheLimitAtMost(t *testing.T) {
	const mib = 1 << 20
	t.Setenv("GOMEMLIMIT", "")
	for _, c := range []struct {
		limit       config.AutoBytes
		images      config.Bytes
		want        int64
		wantPicture config.Bytes
	}{
		{0, 512 * mib, 0, 512 * mib},
		{400 * mib, 512 * mib, 400 * mib, 200 * mib},
		{4096 * mib, 512 * mib, 4096 * mib, 512 * mib},
	} {
		s := &Server{}
		s.config.Memory.Limit, s.config.Upload.ImageMemory = c.limit, c.images
		s.limitMemory()
		if s.memoryLimit != c.want || s.config.Upload.ImageMemory != c.wantPicture {
			t.Errorf("memory.limit %s, upload.image-memory %s: got %d and %s, want %d and %s",
				c.limit, c.images, s.memoryLimit, s.config.Upload.ImageMemory, c.want, c.wantPicture)
		}
	}
}

func TestMemoryIsTrimmedWhenItIsQuietAndWorthIt(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		what      string
		last, now memory
		want      bool
	}{
		{"after a burst", memory{allocated: 500 * mib}, memory{allocated: 500*mib + 1000, objects: 90 * mib, live: 30 * mib}, true},
		{"collected, but kept", memory{allocated: 500 * mib}, memory{allocated: 500 * mib, objects: 30 * mib, live: 30 * mib, free: 60 * mib}, true},
		{"still busy", memory{allocated: 500 * mib}, memory{allocated: 520 * mib, objects: 90 * mib, live: 30 * mib}, false},
		{"trimmed already", memory{allocated: 500 * mib}, memory{allocated: 500 * mib, objects: 30 * mib, live: 30 * mib, free: mib}, false},
		{"little of much", memory{allocated: 5000 * mib}, memory{allocated: 5000 * mib, objects: 1010 * mib, live: 1000 * mib}, false},
		{"a small heap", memory{}, memory{objects: 5 * mib, live: 2 * mib}, false},
	} {
		if got := worthTrimming(c.last, c.now); got != c.want {
			t.Errorf("%s: got %t, want %t", c.what, got, c.want)
		}
	}
}

var ballast [][]byte

func TestReadMemorySeesGarbageAndItsEnd(t *testing.T) {
	before := readMemory()
	for range 64 {
		ballast = append(ballast, make([]byte, 1<<20))
	}
	if got := readMemory(); got.allocated-before.allocated < 64<<20 {
		t.Errorf("allocated: grew by %d, want 64 MiB", got.allocated-before.allocated)
	}
	ballast = nil
	debug.FreeOSMemory()
	after := readMemory()
	if after.free > 32<<20 || after.objects > before.objects+32<<20 {
		t.Errorf("after trimming: %d bytes free, %d in objects (before: %d)", after.free, after.objects, before.objects)
	}
}
