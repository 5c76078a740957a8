package transfer

import (
	"archive/tar"
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// files are the files of an archive by their names with slashes: a folder, a zip file or a tar file.
type files interface {
	names() []string
	open(name string) (io.ReadCloser, int64, error) // with its size
	close() error
}

var errNoFile = errors.New("no such file in the archive")

// openFiles opens a folder or an archive. It never follows a link out of a folder.
func openFiles(name string) (files, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return openFolder(name)
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".zip":
		return openZip(name)
	case ".tar":
		return openTar(name)
	case ".jsonl":
		return openFolder(filepath.Dir(name))
	case ".gz", ".tgz":
		return nil, fmt.Errorf("%s is compressed: unpack it first", name)
	}
	return nil, fmt.Errorf("%s is neither a folder nor a .zip, .tar or .jsonl file", name)
}

type folderFiles struct {
	root *os.Root
	all  []string
}

func openFolder(name string) (files, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	f := &folderFiles{root: root}
	err = fs.WalkDir(root.FS(), ".", func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			f.all = append(f.all, path)
		}
		return err
	})
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return f, nil
}

func (f *folderFiles) names() []string { return f.all }
func (f *folderFiles) close() error    { return f.root.Close() }

func (f *folderFiles) open(name string) (io.ReadCloser, int64, error) {
	file, err := f.root.Open(filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, errNoFile
	}
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNoFile
	}
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}

type zipFiles struct {
	r     *zip.ReadCloser
	files map[string]*zip.File
	all   []string
}

func openZip(name string) (files, error) {
	r, err := zip.OpenReader(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	z := &zipFiles{r: r, files: map[string]*zip.File{}}
	for _, f := range r.File {
		if name := cleanEntry(f.Name); name != "" && f.Mode().IsRegular() && z.files[name] == nil {
			z.files[name] = f
			z.all = append(z.all, name)
		}
	}
	return z, nil
}

// cleanEntry returns the name of an entry, or nothing for a name that leads out of the archive.
func cleanEntry(name string) string {
	name = path.Clean(strings.ReplaceAll(name, `\`, "/"))
	if !fs.ValidPath(name) || name == "." {
		return ""
	}
	return name
}

func (z *zipFiles) names() []string { return z.all }
func (z *zipFiles) close() error    { return z.r.Close() }

func (z *zipFiles) open(name string) (io.ReadCloser, int64, error) {
	f := z.files[name]
	if f == nil {
		return nil, 0, errNoFile
	}
	r, err := f.Open()
	return r, int64(f.UncompressedSize64), err
}

type tarFiles struct {
	f      *os.File
	places map[string]tarPlace
	all    []string
}

type tarPlace struct{ offset, size int64 }

func openTar(name string) (_ files, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("%s: %w", name, err), f.Close())
		}
	}()
	t := &tarFiles{f: f, places: map[string]tarPlace{}}
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		name := cleanEntry(h.Name)
		if h.Typeflag != tar.TypeReg || name == "" {
			continue
		}
		offset, err := f.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, err
		}
		if _, again := t.places[name]; !again {
			t.all = append(t.all, name)
		}
		t.places[name] = tarPlace{offset, h.Size}
	}
}

func (t *tarFiles) names() []string { return t.all }
func (t *tarFiles) close() error    { return t.f.Close() }

func (t *tarFiles) open(name string) (io.ReadCloser, int64, error) {
	p, ok := t.places[name]
	if !ok {
		return nil, 0, errNoFile
	}
	return io.NopCloser(io.NewSectionReader(t.f, p.offset, p.size)), p.size, nil
}

// below are the files of a folder of an archive.
type below struct {
	files
	prefix string
}

// unwrapped returns the files without the one folder in which all of them are, as a packed folder has it.
func unwrapped(f files) files {
	all := f.names()
	if len(all) == 0 {
		return f
	}
	first, _, inside := strings.Cut(all[0], "/")
	if !inside || slices.ContainsFunc(all, func(name string) bool {
		return !strings.HasPrefix(name, first+"/") && !strings.HasPrefix(name, "__MACOSX/")
	}) {
		return f
	}
	return below{f, first + "/"}
}

func (b below) names() []string {
	var all []string
	for _, name := range b.files.names() {
		if short, ok := strings.CutPrefix(name, b.prefix); ok {
			all = append(all, short)
		}
	}
	return all
}

func (b below) open(name string) (io.ReadCloser, int64, error) { return b.files.open(b.prefix + name) }

func has(f files, name string) bool { return slices.Contains(f.names(), name) }
