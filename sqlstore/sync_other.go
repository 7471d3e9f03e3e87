//go:build !linux

package sqlstore

import "os"

func syncData(f *os.File) error { return f.Sync() }
