// Package port chooses ports of loopback for the servers of tests that cannot choose a free
// port themselves, or that start again on the port that they had before.
package port

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
)

// The ports are below those that Linux gives to outgoing connections and to listeners on
// port 0 (32768 to 60999). So no connection takes a port while its server does not run.
const (
	first = 20000
	count = 12000
)

var (
	mu   sync.Mutex
	used = make(map[int]bool)
	// locks has a lock on byte n for each port n in use. The system releases the locks when
	// this process ends. It would also release them when the process closes the file.
	locks *os.File
)

// Free returns a port on which no server listens. It is not returned again before this process
// ends, neither here nor in other processes of the same user.
func Free() (int, error) {
	mu.Lock()
	defer mu.Unlock()
	if locks == nil {
		name := filepath.Join(os.TempDir(), "parley-test-ports-"+strconv.Itoa(os.Getuid()))
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return 0, err
		}
		locks = f
	}
	for range 1000 {
		port := first + rand.IntN(count)
		if used[port] {
			continue
		}
		err := syscall.FcntlFlock(locks.Fd(), syscall.F_SETLK, &syscall.Flock_t{
			Type: syscall.F_WRLCK, Whence: io.SeekStart, Start: int64(port), Len: 1,
		})
		if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) {
			continue // another process has it
		}
		if err != nil {
			return 0, fmt.Errorf("lock port %d in %s: %w", port, locks.Name(), err)
		}
		used[port] = true
		l, err := net.Listen("tcp", address(port))
		if err != nil {
			continue // a server listens there
		}
		return port, l.Close()
	}
	return 0, errors.New("no free port found")
}

// Address returns the address of a port that [Free] returns.
func Address() (string, error) {
	port, err := Free()
	return address(port), err
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
