package blob

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
)

func writeSynced(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	if _, err := f.Write(data); err != nil {
		_ = f.Close()
		return spaceOr(err)
	}
	err = syncFile(f)
	if closeErr := f.Close(); err == nil && closeErr != nil {
		err = fmt.Errorf("blob: %w", closeErr)
	}
	return err
}

func syncFile(f *os.File) error {
	if err := f.Sync(); err != nil {
		return spaceOr(err)
	}
	return nil
}

// syncFolder makes what was created and renamed in the folder last. Windows
// has no such call and needs none.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	defer f.Close()
	return syncFile(f)
}

// spaceOr tells a full disk from other faults.
func spaceOr(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("%w: %w", ErrSpace, err)
	}
	return fmt.Errorf("blob: %w", err)
}
