package sqlstore

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wapas/desk"
)

// However much is written, SQLite's log begins anew before the writer has to see
// to it by itself: here it writes three times as much as that.
func TestLogStaysSmall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wapas.db")
	st := openTest(t, "sqlite:"+path, Options{})
	putBook(t, st)
	const page, rows = 4096, 100
	name := strings.Repeat("x", page)
	for i := 0; i < 3*moveSelf; i += rows {
		changed(t, st, 1, func(tx desk.Tx) error {
			for j := range rows {
				tx.Put(desk.Customer{ID: customer(i + j), Name: name, CreatedAt: 1})
			}
			return nil
		})
	}
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if most := int64(3 * turnFrom * page); info.Size() > most {
		t.Errorf("the log came to %d kB, at most %d were to be", info.Size()>>10, most>>10)
	}
}
