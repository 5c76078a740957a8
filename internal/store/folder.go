package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// InUseError is why a data folder cannot be opened: another process has it. It
// is [ErrInUse].
type InUseError struct {
	Folder  string
	Process string // its number; empty where it is not known
}

// Error names the folder and the process.
func (e *InUseError) Error() string {
	if e.Process == "" {
		return ErrInUse.Error() + ": " + e.Folder
	}
	return ErrInUse.Error() + ": " + e.Folder + " is held by process " + e.Process
}

// Is makes the error [ErrInUse].
func (e *InUseError) Is(target error) bool { return target == ErrInUse }

// Exists reports whether there is a database that these options would open.
func Exists(ctx context.Context, o Options) (bool, error) {
	if o.Database != "" {
		return existsOnServer(ctx, o)
	}
	file, err := fileOf(o.Path)
	if err != nil {
		return false, err
	}
	switch _, err := os.Stat(file); {
	case err == nil:
		return true, nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return false, nil
	default:
		return false, fmt.Errorf("store: %w", err)
	}
}

// fileOf returns the absolute name of the database file for a path that is a
// folder or such a file.
func fileOf(path string) (string, error) {
	if path == "" {
		return "", errors.New("store: no path given")
	}
	file, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("store: %s: %w", path, err)
	}
	if info, err := os.Stat(file); (err == nil && info.IsDir()) || (err != nil && !strings.HasSuffix(file, ".db")) {
		file = filepath.Join(file, "parley.db")
	}
	return file, nil
}

// prepareFolder is fileOf and creates the folder of the file.
func prepareFolder(path string) (string, error) {
	file, err := fileOf(path)
	if err != nil {
		return "", err
	}
	folder := filepath.Dir(file)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("store: data folder %s cannot be created: %w", folder, err)
	}
	return file, nil
}

// prepareFile creates the database file if it is missing, and reports whether it
// is new. No other user can read it. The caller holds the lock.
func prepareFile(file string, n note) (isNew bool, err error) {
	info, err := os.Stat(file)
	if isNew = errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0; isNew {
		if err := checkNew(file, n); err != nil {
			return true, err
		}
	}
	// Opening it for writing finds out what permission bits cannot tell: a
	// read-only file system, a foreign owner.
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return false, fmt.Errorf("store: data folder %s is not writable: %w", filepath.Dir(file), err)
	}
	if err := f.Close(); err != nil {
		return false, fmt.Errorf("store: %w", err)
	}
	if !isNew {
		if err := checkHeader(file); err != nil {
			return false, err
		}
	}
	return isNew, tighten(file)
}

// folderLock keeps other processes out of a database for as long as this one
// lives. The operating system lets go of it even when the process is killed.
type folderLock struct {
	f    *os.File
	text []byte // of the last note
}

// lockFolder returns the lock and the note that the process before has left.
func lockFolder(file string) (*folderLock, note, error) {
	name := file + ".lock"
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, note{}, fmt.Errorf("store: data folder %s is not writable: %w", filepath.Dir(file), err)
	}
	if err := lockFile(f); err != nil {
		text, _ := io.ReadAll(io.LimitReader(f, 32))
		_ = f.Close()
		if !errors.Is(err, errLocked) {
			return nil, note{}, fmt.Errorf("store: lock %s: %w", name, err)
		}
		holder, _, _ := strings.Cut(string(text), "\n")
		return nil, note{}, &InUseError{Folder: filepath.Dir(file), Process: strings.TrimSpace(holder)}
	}
	l := &folderLock{f: f}
	n := l.readNote()
	_ = l.write(n) // only for the message above
	return l, n, nil
}

// release leaves the file: removing it would let two others lock different ones.
func (l *folderLock) release() error { return l.f.Close() }
