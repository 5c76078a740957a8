package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path"
	"time"
)

// entry is a file of an archive.
type entry struct {
	name, source string
	mode         int64
}

// tarTo writes a compressed archive with one folder. Its bytes depend only on the arguments and the contents.
func tarTo(w io.Writer, folder string, at time.Time, entries []entry) error {
	var b bytes.Buffer
	t := tar.NewWriter(&b)
	for _, e := range entries {
		content, err := os.ReadFile(e.source)
		if err != nil {
			return err
		}
		if err := t.WriteHeader(&tar.Header{Name: path.Join(folder, e.name), Mode: e.mode, Size: int64(len(content)), ModTime: at, Format: tar.FormatUSTAR}); err != nil {
			return err
		}
		if _, err := t.Write(content); err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	packed, err := gzipped(b.Bytes())
	if err != nil {
		return err
	}
	_, err = w.Write(packed)
	return err
}

// zipTo writes a ZIP archive, for Windows, as tarTo does.
func zipTo(w io.Writer, folder string, at time.Time, entries []entry) error {
	z := zip.NewWriter(w)
	for _, e := range entries {
		content, err := os.ReadFile(e.source)
		if err != nil {
			return err
		}
		h := &zip.FileHeader{Name: path.Join(folder, e.name), Method: zip.Deflate, Modified: at}
		h.SetMode(os.FileMode(e.mode))
		f, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := f.Write(content); err != nil {
			return err
		}
	}
	return z.Close()
}

// gzipped compresses without a name and a time in the header.
func gzipped(content []byte) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(content); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
