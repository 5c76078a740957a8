package blob

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func putPart(t testing.TB, d *Disk, id string, number int, text string) Part {
	t.Helper()
	p, err := d.PutPart(t.Context(), id, "k", number, 100, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParts(t *testing.T) {
	folder := t.TempDir()
	d := openDisk(t, folder, DiskOptions{})
	over := time.Now().Add(time.Hour)
	id, err := d.Begin("a", "k", over)
	if err != nil {
		t.Fatal(err)
	}
	two := putPart(t, d, id, 2, "lo wor")
	lost := putPart(t, d, id, 1, "HEL")
	one := putPart(t, d, id, 1, "hel") // the answer was lost, and the part is sent again
	if one.MD5 != "46356afe55fa3cea9cbe73ad442cad47" {
		t.Errorf("got MD5 %s", one.MD5)
	}

	// The process ends and another begins.
	d = openDisk(t, folder, DiskOptions{})
	listed, until, err := d.Parts(id, "k")
	if err != nil {
		t.Fatal(err)
	}
	want := []Part{{Number: 1, Size: 3, Etag: one.Etag}, {Number: 2, Size: 6, Etag: two.Etag}}
	if diff := cmp.Diff(listed, want); diff != "" || !until.Equal(over.UTC()) {
		t.Errorf("until %v (-got +want):\n%s", until, diff)
	}
	three := putPart(t, d, id, 3, "ld")

	n := NewObject{Key: "k", Max: 100}
	for name, parts := range map[string][]Part{
		"none":             nil,
		"one is missing":   {one, two, {Number: 4, Etag: three.Etag}},
		"in another order": {two, one, three},
		"one twice":        {one, one, two, three},
		"the lost one":     {lost, two, three},
	} {
		if _, err := d.Complete(t.Context(), id, n, parts); !errors.Is(err, ErrParts) {
			t.Errorf("%s: got %v, want %v", name, err, ErrParts)
		}
	}
	if _, err := d.Complete(t.Context(), id, NewObject{Key: "k", Max: 3}, []Part{one, two, three}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want %v", err, ErrTooLarge)
	}
	for name, other := range map[string][2]string{"another key": {id, "l"}, "no id": {"", "k"}, "a path": {"../objects", "k"}} {
		if _, err := d.PutPart(t.Context(), other[0], other[1], 1, 100, strings.NewReader("x")); !errors.Is(err, ErrNoUpload) {
			t.Errorf("%s: got %v, want %v", name, err, ErrNoUpload)
		}
	}
	for _, number := range []int{0, -1, MaxParts + 1} {
		if _, err := d.PutPart(t.Context(), id, "k", number, 100, strings.NewReader("x")); !errors.Is(err, ErrParts) {
			t.Errorf("part %d: got %v, want %v", number, err, ErrParts)
		}
	}
	if _, err := d.PutPart(t.Context(), id, "k", 4, 15, strings.NewReader("much too long")); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want %v", err, ErrTooLarge)
	}

	if _, err := d.Complete(t.Context(), id, n, []Part{one, two, three}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, d, "k"); got != "hello world" {
		t.Errorf("got %q", got)
	}
	if _, err := d.Complete(t.Context(), id, n, []Part{one, two, three}); !errors.Is(err, ErrNoUpload) {
		t.Errorf("completed twice: got %v, want %v", err, ErrNoUpload)
	}
	if got := filesBelow(t, filepath.Join(folder, "uploads")); len(got) != 0 {
		t.Errorf("there is %v", got)
	}
}

// A process that was killed while it removed the parts of a completed upload left
// some of them. The next one took the upload for an open one, and refused to
// complete it again because parts were missing.
func TestPartsLeftByAKill(t *testing.T) {
	folder := t.TempDir()
	d := openDisk(t, folder, DiskOptions{})
	begin := func(key string) string {
		t.Helper()
		id, err := d.Begin("a", key, time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	id, open := begin("k"), begin("other")
	one, two := putPart(t, d, id, 1, "one "), putPart(t, d, id, 2, "two")
	left := filepath.Join(folder, "uploads", "parts-"+id)
	kept := filepath.Join(t.TempDir(), "kept")
	if err := os.CopyFS(kept, os.DirFS(left)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Complete(t.Context(), id, NewObject{Key: "k", Max: 100}, []Part{one, two}); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(left, os.DirFS(kept)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(left, "00001."+one.Etag)); err != nil {
		t.Fatal(err)
	}

	d = openDisk(t, folder, DiskOptions{})
	if _, err := d.Complete(t.Context(), id, NewObject{Key: "k", Max: 100}, []Part{one, two}); !errors.Is(err, ErrNoUpload) {
		t.Errorf("completed again: got %v, want %v", err, ErrNoUpload)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the parts that were left: got %v, want them removed", err)
	}
	if _, _, err := d.Parts(open, "other"); err != nil {
		t.Errorf("another upload: %v", err)
	}
}

func TestPartsEnd(t *testing.T) {
	folder := t.TempDir()
	now := time.Now()
	d := openDisk(t, folder, DiskOptions{MaxOpen: 2, Now: func() time.Time { return now }})
	begin := func(owner string) (string, error) { return d.Begin(owner, "k", now.Add(time.Hour)) }
	first, err := begin("a")
	if err != nil {
		t.Fatal(err)
	}
	second, err := begin("a")
	if err != nil {
		t.Fatal(err)
	}
	putPart(t, d, second, 1, "x")
	if _, err := begin("a"); !errors.Is(err, ErrTooMany) {
		t.Errorf("got %v, want %v", err, ErrTooMany)
	}
	if _, err := begin("b"); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	if err := d.Abort(first, "k"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Parts(first, "k"); !errors.Is(err, ErrNoUpload) {
		t.Errorf("got %v, want %v", err, ErrNoUpload)
	}
	if _, err := begin("a"); err != nil {
		t.Errorf("after one has ended: %v", err)
	}

	now = now.Add(time.Hour)
	if _, err := d.PutPart(t.Context(), second, "k", 2, 100, strings.NewReader("x")); !errors.Is(err, ErrNoUpload) {
		t.Errorf("after its time: got %v, want %v", err, ErrNoUpload)
	}
	if _, err := begin("c"); err != nil {
		t.Fatal(err)
	}
	folders, err := os.ReadDir(filepath.Join(folder, "uploads"))
	if err != nil || len(folders) != 1 {
		t.Errorf("got %v, %v, want only the latest", folders, err)
	}
	now = now.Add(time.Hour)
	openDisk(t, folder, DiskOptions{Now: func() time.Time { return now }})
	if got := filesBelow(t, folder); len(got) != 0 {
		t.Errorf("there is %v", got)
	}
}

// Parts come at the same time, some of them twice, while the upload is completed
// and aborted: whoever wins, what is stored is whole.
func TestPartsAtOnce(t *testing.T) {
	for range 20 {
		d := openDisk(t, t.TempDir(), DiskOptions{})
		id, err := d.Begin("a", "k", time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		parts := []Part{putPart(t, d, id, 1, "one "), putPart(t, d, id, 2, "two")}
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { _, _ = d.PutPart(t.Context(), id, "k", 1, 100, strings.NewReader("one ")) })
			wg.Go(func() { _, _ = d.Complete(t.Context(), id, NewObject{Key: "k", Max: 100}, parts) })
		}
		wg.Go(func() { _ = d.Abort(id, "k") })
		wg.Wait()
		if _, err := d.Stat("k"); err == nil {
			if got := read(t, d, "k"); got != "one two" {
				t.Fatalf("got %q", got)
			}
		}
	}
}

// Nodes of a cluster share the folder. Each part, and the end of an upload, may reach another
// node; a node that starts leaves what the others are writing.
func TestDisk_Shared(t *testing.T) {
	folder := t.TempDir()
	open := func() *Disk {
		d, err := OpenDisk(folder, DiskOptions{Shared: true})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	a, b := open(), open()

	// A node starts while another writes a file.
	reading, writing := io.Pipe()
	stored := make(chan error, 1)
	go func() {
		_, err := a.Put(t.Context(), NewObject{Key: "ann/whole", Max: 100, Permits: any1}, reading)
		stored <- err
	}()
	if _, err := writing.Write([]byte("first half, ")); err != nil {
		t.Fatal(err)
	}
	c := open()
	if _, err := writing.Write([]byte("second half")); err != nil {
		t.Fatal(err)
	}
	_ = writing.Close()
	if err := <-stored; err != nil {
		t.Errorf("a file that was written while a node started: %v", err)
	}

	const key = "ann/parts"
	id, err := a.Begin("ann", key, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	put := func(d *Disk, number int, text string) Part {
		t.Helper()
		part, err := d.PutPart(t.Context(), id, key, number, 100, strings.NewReader(text))
		if err != nil {
			t.Fatalf("part %d: %v", number, err)
		}
		return part
	}
	one, two := put(b, 1, "one "), put(c, 2, "two")
	// Two nodes receive a part at the same time. The client has the answer of the first.
	put(a, 1, "other")
	d := open()
	if parts, _, err := d.Parts(id, key); err != nil || len(parts) != 2 {
		t.Errorf("got %v, %v, want two parts", parts, err)
	}
	if _, err := b.PutPart(t.Context(), id, key, 3, 9, strings.NewReader("too much")); !errors.Is(err, ErrTooLarge) {
		t.Errorf("more than the file may have: got %v, want ErrTooLarge", err)
	}
	for _, bad := range []string{"", "..", "../parts-" + id, id + "/../parts-" + id, "zz"} {
		if _, _, err := b.Parts(bad, key); !errors.Is(err, ErrNoUpload) {
			t.Errorf("upload %q: got %v, want ErrNoUpload", bad, err)
		}
	}
	if _, err := c.Complete(t.Context(), id, NewObject{Key: key, Max: 100, Permits: any1}, []Part{{Number: 1, Etag: "../" + one.Etag}, two}); !errors.Is(err, ErrParts) {
		t.Errorf("an etag that is none: got %v, want ErrParts", err)
	}
	o, err := c.Complete(t.Context(), id, NewObject{Key: key, Max: 100, Permits: any1}, []Part{one, two})
	if err != nil || o.Size != 7 {
		t.Fatalf("got %+v, %v, want 7 bytes", o, err)
	}
	for i, d := range []*Disk{a, b, c, d} {
		f, _, err := d.Open(key)
		if err != nil {
			t.Fatalf("node %d: %v", i, err)
		}
		text, _ := io.ReadAll(f)
		_ = f.Close()
		if string(text) != "one two" {
			t.Errorf("node %d: got %q, want %q", i, text, "one two")
		}
		if _, _, err := d.Parts(id, key); !errors.Is(err, ErrNoUpload) {
			t.Errorf("node %d: got %v after the end, want ErrNoUpload", i, err)
		}
	}
}
