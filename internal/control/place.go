package control

import (
	"os"
	"path/filepath"
)

// Place is a path among the arguments of a command, as the client sees it. A server can see
// another file there: a service may have a /tmp of its own, and a container other file systems.
type Place struct {
	Path   string `json:"path"`
	Found  string `json:"found"` // Path, or the nearest folder above it that exists
	Device uint64 `json:"device"`
	Inode  uint64 `json:"inode"` // of Found
}

// PlaceOf looks at an absolute path. known is false if this system does not number files.
func PlaceOf(path string) (p Place, known bool) {
	for found := filepath.Clean(path); ; found = filepath.Dir(found) {
		info, err := os.Stat(found)
		if err == nil {
			device, inode, known := identity(info)
			return Place{path, found, device, inode}, known
		}
		if found == filepath.Dir(found) {
			return Place{}, false
		}
	}
}

// IsSame reports whether this process sees the same file.
func (p Place) IsSame() bool {
	info, err := os.Stat(p.Found)
	if err != nil {
		return false
	}
	device, inode, known := identity(info)
	return known && device == p.Device && inode == p.Inode
}
