package sqlstore

import (
	"os"
	"syscall"
)

// syncData has all that was written to a file on the disk. How long the file is,
// if that is new, belongs to it; when it was changed does not.
func syncData(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if err != syscall.EINTR {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
