//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// serveFloor is the least that a fan-out can cost: a server that knows just
// enough of the protocol for a client to believe it, keeps the sockets' file
// descriptors, and answers a broadcast with one write(2) of a ready-made frame
// to each of them, from one goroutine. What a real server adds to this is its
// own doing, what it stays below is coalescing.
func serveFloor(out io.Writer) error {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "listening %s\n", listener.Addr())
	f := &floorServer{}
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			f.serve(conn.(*net.TCPConn))
		}()
	}
}

type floorServer struct {
	mu      sync.Mutex
	members []int // file descriptors
}

// serve speaks to one client until the first surprise.
func (f *floorServer) serve(conn *net.TCPConn) error {
	in := bufio.NewReader(conn)
	if _, err := http.ReadRequest(in); err != nil {
		return err
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	fd := -1
	if err := raw.Control(func(v uintptr) { fd = int(v) }); err != nil {
		return err
	}
	io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
	conn.Write(serverFrame(nil, `0{"sid":"-","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`))
	defer f.leave(fd)
	for {
		packet, err := readMasked(in)
		if err != nil {
			return err
		}
		switch {
		case bytes.HasPrefix(packet, []byte("40")):
			conn.Write(serverFrame(nil, `40{"sid":"-"}`))
		case bytes.HasPrefix(packet, []byte(`420["join"`)):
			f.join(fd)
			conn.Write(serverFrame(nil, `430[]`))
		case bytes.HasPrefix(packet, []byte(`42["broadcast",`)):
			arg := bytes.TrimPrefix(packet, []byte(`42["broadcast",`))
			f.broadcast(serverFrame(nil, `42["message",`+string(arg)))
		}
	}
}

func (f *floorServer) join(fd int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.members = append(f.members, fd)
}

func (f *floorServer) leave(fd int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, member := range f.members {
		if member == fd {
			f.members[i] = f.members[len(f.members)-1]
			f.members = f.members[:len(f.members)-1]
			return
		}
	}
}

func (f *floorServer) broadcast(frame []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fd := range f.members {
		for tries := 0; tries < 1000; tries++ {
			if _, err := unix.Write(fd, frame); !errors.Is(err, unix.EAGAIN) {
				break
			}
			time.Sleep(time.Millisecond)
		}
	}
}

// serverFrame appends one unmasked text frame to b.
func serverFrame(b []byte, payload string) []byte {
	if n := len(payload); n < 126 {
		b = append(b, 0x80|opText, byte(n))
	} else {
		b = append(b, 0x80|opText, 126, byte(n>>8), byte(n))
	}
	return append(b, payload...)
}

// readMasked reads one frame of at most 64 KiB from a client.
func readMasked(in *bufio.Reader) ([]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, err
	}
	size := int(head[1] & 0x7f)
	switch size {
	case 126:
		var long [2]byte
		if _, err := io.ReadFull(in, long[:]); err != nil {
			return nil, err
		}
		size = int(long[0])<<8 | int(long[1])
	case 127:
		return nil, errFrameSize
	}
	frame := make([]byte, 4+size)
	if _, err := io.ReadFull(in, frame); err != nil {
		return nil, err
	}
	key, payload := frame[:4], frame[4:]
	for i := range payload {
		payload[i] ^= key[i&3]
	}
	return payload, nil
}
