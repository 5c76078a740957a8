package blob

import "golang.org/x/sys/windows"

// freeBytes returns what this user may still write to the volume of the folder;
// -1 when it does not tell.
func freeBytes(folder string) int64 {
	name, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return -1
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, nil, nil); err != nil {
		return -1
	}
	return int64(min(free, 1<<62))
}
