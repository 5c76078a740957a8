package blob

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// Finding is a stored file that differs from its record.
type Finding struct {
	Name string // the key, or the folder if the key is not known
	What string
	Got  string
	Want string
}

// Check reads every stored file, compares it with its size and its hash, and
// returns how many there are. progress gets how many files are read, and how many there are.
func (d *Disk) Check(ctx context.Context, progress func(done, total int64), report func(Finding)) (n int, err error) {
	folders, err := filepath.Glob(filepath.Join(d.objects, "??", "*"))
	if err != nil {
		return 0, fmt.Errorf("blob: %w", err)
	}
	for _, folder := range folders {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		progress(int64(n), int64(len(folders)))
		d.check(folder, report)
		n++
	}
	return n, nil
}

func (d *Disk) check(folder string, report func(Finding)) {
	var o Object
	text, err := os.ReadFile(filepath.Join(folder, "object.json"))
	if errors.Is(err, fs.ErrNotExist) {
		report(Finding{folder, "object.json", "missing", "what is known of the file"})
		return
	}
	if err != nil {
		report(Finding{folder, "object.json", "not readable: " + err.Error(), "what is known of the file"})
		return
	}
	if json.Unmarshal(text, &o) != nil || d.folder(o.Key) != folder {
		report(Finding{folder, "object.json", "damaged", "what is known of the file"})
		return
	}
	f, err := os.Open(filepath.Join(folder, "data"))
	if errors.Is(err, fs.ErrNotExist) {
		report(Finding{o.Key, "data", "missing", "the file"})
		return
	}
	if err != nil {
		report(Finding{o.Key, "data", "not readable: " + err.Error(), "the file"})
		return
	}
	defer f.Close()
	var etag Etag
	size, err := io.Copy(&etag, bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		report(Finding{o.Key, "data", "not readable", "the file"})
		return
	}
	if size != o.Size {
		report(Finding{o.Key, "size", strconv.FormatInt(size, 10), strconv.FormatInt(o.Size, 10)})
	} else if hash := etag.String(); hash != o.Hash {
		report(Finding{o.Key, "hash", hash, o.Hash})
	}
}
