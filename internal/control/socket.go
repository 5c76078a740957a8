package control

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
)

// socketName is the name of the socket in the data folder.
const socketName = "parley.sock"

// maxPath is how long the path of a socket can be on every system, with the zero at its end.
const maxPath = 104

// ErrPath is returned if the path is too long for a socket.
var ErrPath = fmt.Errorf("the path of the data folder is too long for a socket, which may have %d bytes with /%s", maxPath-1, socketName)

// address returns a path of the file that is short enough for a socket. It works until
// release is called.
func address(file string) (short string, release func(), err error) {
	nothing := func() {}
	if len(file) < maxPath {
		return file, nothing, nil
	}
	if runtime.GOOS != "linux" {
		return "", nothing, ErrPath
	}
	folder, err := os.Open(filepath.Dir(file))
	if err != nil {
		return "", nothing, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), filepath.Base(file)), func() { _ = folder.Close() }, nil
}

func dial(folder string) (net.Conn, error) {
	file, err := filepath.Abs(filepath.Join(folder, socketName))
	if err != nil {
		return nil, err
	}
	short, release, err := address(file)
	if err != nil {
		return nil, err
	}
	defer release()
	return net.Dial("unix", short)
}

// bind makes the socket, in place of one that a killed server has left. The socket is made in a private
// folder, gets the mode 0600, and is then renamed, so that other users can never open it. The caller
// holds the data folder.
func bind(folder string) (l *net.UnixListener, file string, err error) {
	if file, err = filepath.Abs(filepath.Join(folder, socketName)); err != nil {
		return nil, "", err
	}
	private, err := os.MkdirTemp(folder, ".parley.sock-") // only its owner can enter it
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(private)) }()
	made := filepath.Join(private, "s")
	if made, err = filepath.Abs(made); err != nil {
		return nil, "", err
	}
	short, release, err := address(made)
	if err != nil {
		return nil, "", err
	}
	defer release()
	if l, err = net.ListenUnix("unix", &net.UnixAddr{Name: short, Net: "unix"}); err != nil {
		return nil, "", err
	}
	l.SetUnlinkOnClose(false) // it gets another name
	err = errors.Join(os.Chmod(made, 0o600), os.Rename(made, file))
	if err != nil {
		return nil, "", errors.Join(err, l.Close())
	}
	return l, file, nil
}
