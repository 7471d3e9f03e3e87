//go:build linux || darwin || freebsd

package sqlstore

import "syscall"

// spaceAt is how many bytes may still be written to the file system that a path
// is on.
func spaceAt(path string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
