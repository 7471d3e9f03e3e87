package storetest_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wapas/archive"
	"wapas/desk"
	"wapas/ledger"
	"wapas/sqlstore"
	"wapas/storetest"
)

// Whoever changes an archive is found out, and what was changed is named: also
// when the file is made anew, with a right index, and its row says so.
func TestVerifyFindsTamperedArchives(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		l := months(t, e, 12, 3, 40)
		made := l.archive()
		if len(made) < 3 {
			t.Fatalf("%d archives", len(made))
		}
		clean(t, l.store)
		l.shut()
		copied := e.Copies(t, l.address)
		second := made[1]
		name := fmt.Sprintf("archives archive %d: ", second.N)

		// in edits the first line of a sort that has a text.
		in := func(row, old, new string) func([]string) []string {
			return func(lines []string) []string {
				for i, line := range lines {
					if strings.HasPrefix(line, `{"row":"`+row+`"`) && strings.Contains(line, old) {
						lines[i] = strings.Replace(line, old, new, 1)
						return lines
					}
				}
				return nil
			}
		}
		// without removes the second line of a sort.
		without := func(row string) func([]string) []string {
			return func(lines []string) []string {
				first := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, `{"row":"`+row+`"`) })
				return slices.Delete(lines, first+1, first+2)
			}
		}
		for _, tt := range []struct {
			name string
			edit func(lines []string) []string
			want []string
		}{
			{"an edited seal", in("seals", `"hash":"`, `"hash":"0`), []string{"seals seal "}},
			{"a seal at another time", in("seals", `"sealed_at":1`, `"sealed_at":2`), []string{"seals seal "}},
			{"a deleted seal", without("seals"), []string{"seals seal "}},
			{"a changed amount", in("entries", `"amount":`, `"amount":1`), []string{"I-1 entry ", "I-2 ", "seals seal "}},
			{"an edited balance", in("entries", `"balance":`, `"balance":1`), []string{"I-2 ", "seals seal "}},
			{"another position", in("entries", `"n":`, `"n":1`), []string{"I-2 ", "seals seal ", name + "its of_account"}},
			{"an edited reason", in("entries", `"reason":"captured"`, `"reason":"loaded"`), []string{"seals seal "}},
			{"an entry of another cause", in("entries", `"cause":"`, `"cause":"x`), []string{"seals seal ", name + "its of_cause"}},
			{"a deleted entry", without("entries"), []string{"I-14 entry ", "seals seal ", name + "it has "}},
			{"an edited event", in("events", `"id":"`, `"id":"0`), []string{"seals seal "}},
			{"what an event is about", in("events", `"about":[`, `"about":[{"refunds":{"id":"rfnd_x"}},`), []string{"seals seal "}},
			{"an event about something else", in("events", `"subject":"`, `"subject":"x`), []string{name + "its of_subject"}},
			{"a deleted event", without("events"), []string{"seals seal "}},
			{"an edited line of a statement", in("wallet_lines", `"credit":`, `"credit":1`), []string{"I-12 cust_", name + "its "}},
			{"an edited description", in("wallet_lines", `"description":"`, `"description":"x`), []string{"state book ", name + "its "}},
			{"a deleted line of a statement", without("wallet_lines"), []string{"I-12 cust_", "state book ", name + "its "}},
			{"an account's entries", in("of_account", `"no":[`, `"no":[1`), []string{name + "its of_account"}},
			{"an account without entries", without("of_account"), []string{name + "its of_account"}},
			{"a cause without entries", without("of_cause"), []string{name + "its of_cause"}},
			{"a subject without events", without("of_subject"), []string{name + "its of_subject"}},
			{"another book's", in("archive", `"book":`, `"book":1`), []string{name + "its first line"}},
			{"no line that says what it is", func(lines []string) []string { return lines[1:] }, []string{name + "its first line"}},
		} {
			if e.Name != "sqlite" {
				break // the files are the same
			}
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				address, folder := copyOf(t, copied, l.town)
				path := filepath.Join(folder, second.File)
				lines := unpacked(t, path)
				lines = tt.edit(lines)
				if lines == nil {
					t.Fatal("there is no such line")
				}
				now := packed(t, path, lines)
				// The file alone: it is not the one that was made.
				found := findings(t, address, folder)
				has(t, found, name)
				// And its row, too.
				rewrite(t, e, address, fmt.Sprintf("UPDATE archives SET size = %d, index_at = %d, sum = '%s' WHERE n = %d", now.Size, now.Index, now.Sum, second.N))
				found = findings(t, address, folder)
				for _, want := range tt.want {
					has(t, found, want)
				}
			})
		}
		for _, tt := range []struct {
			name string
			do   func(t *testing.T, address, path string)
			want []string
			read bool // whether all can still be read
		}{
			{"a missing file", func(t *testing.T, _, path string) { do(t, os.Remove(path)) }, []string{name, "archives book "}, false},
			{"a file that was cut", func(t *testing.T, _, path string) { do(t, os.Truncate(path, second.Made.Size-7)) }, []string{name, "archives book "}, false},
			{"an empty file", func(t *testing.T, _, path string) { do(t, os.Truncate(path, 0)) }, []string{name, "archives book "}, false},
			{"a byte of the index", func(t *testing.T, _, path string) { flip(t, path, second.Made.Index+30) }, []string{name, "archives book "}, false},
			{"a byte in the middle", func(t *testing.T, _, path string) { flip(t, path, second.Made.Index/2) }, []string{name, "archives book "}, false},
			{"more at the end", func(t *testing.T, _, path string) {
				f := got(os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0))(t)
				got(f.WriteString("more"))(t)
				do(t, f.Close())
			}, []string{name}, false},
			{"a deleted last row", func(t *testing.T, address, _ string) {
				rewrite(t, e, address, fmt.Sprintf("DELETE FROM archives WHERE n = %d", len(made)))
			}, []string{"I-14 entry ", "seals seal ", "state book "}, true},
			{"a deleted row", func(t *testing.T, address, _ string) {
				rewrite(t, e, address, "DELETE FROM archives WHERE n = 2")
			}, []string{"archives archive 3: it begins at "}, true},
			{"a row that says less", func(t *testing.T, address, _ string) {
				rewrite(t, e, address, "UPDATE archives SET entry = entry - 1, postings = postings - 1 WHERE n = 2")
			}, []string{"archives archive 2: it ends at ", "archives archive 2: it has "}, true},
			{"a row with another hash", func(t *testing.T, address, _ string) {
				rewrite(t, e, address, "UPDATE archives SET hash = 'x' WHERE n = 2")
			}, []string{"archives archive 2: it ends at "}, true},
			{"a file of somewhere else", func(t *testing.T, address, _ string) {
				rewrite(t, e, address, "UPDATE archives SET file = '../../etc/passwd' WHERE n = 2")
			}, []string{"archives archive 2: "}, false},
			{"an entry put back", func(t *testing.T, address, _ string) {
				rewrite(t, e, address, "INSERT INTO entries (book, no, reason, cause, at) SELECT book, 3, reason, cause, at FROM entries ORDER BY no LIMIT 1")
			}, []string{"archives entries: "}, true},
			{"an event put back", func(t *testing.T, address, _ string) {
				rewrite(t, e, address, "INSERT INTO events (book, no, id, name, at, about, subject) SELECT book, 3, id, name, at, about, subject FROM events ORDER BY no LIMIT 1")
			}, []string{"archives events: "}, true},
			{"a posting put back", func(t *testing.T, address, _ string) {
				rewrite(t, e, address, "INSERT INTO postings (book, account, n, entry, line, side, amount, balance) SELECT book, 'x', 1, 3, 1, side, amount, balance FROM postings ORDER BY entry LIMIT 1")
			}, []string{"I-1 account x: "}, true},
		} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				address, folder := copyOf(t, copied, l.town)
				tt.do(t, address, filepath.Join(folder, second.File))
				found := findings(t, address, folder)
				for _, want := range tt.want {
					has(t, found, want)
				}
				if tt.read {
					return
				}
				// What lies in it is not answered with an empty page; all else is answered.
				st := open(t, address, sqlstore.Options{Archive: folder})
				q := desk.Query{Book: l.book, Count: 5, After: fmt.Sprint(second.Entry), Oldest: true}
				if page, err := st.Entries(t.Context(), q); err != nil || page[0].No != second.Entry+1 {
					t.Errorf("behind it: %v, %v", page, err)
				}
				if tt.name != "a byte in the middle" { // the rest of the file can be read
					q.After = fmt.Sprint(second.Entry - 3)
					page, err := st.Entries(t.Context(), q)
					var e *ledger.Error
					if !errors.As(err, &e) || e.Why != desk.WhyArchiveAway || e.Code != ledger.Internal || len(page) > 0 {
						t.Errorf("in it: %v, %v", page, err)
					}
				}
			})
		}
	})
}

// copyOf is a copy of a town's books, that are not open, and of its archives.
func copyOf(t *testing.T, copied func(testing.TB) string, w *town) (address, folder string) {
	t.Helper()
	address, folder = copied(t), t.TempDir()
	do(t, os.CopyFS(folder, os.DirFS(w.folder())))
	return address, folder
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rewrite changes what no program may.
func rewrite(t *testing.T, e storetest.Engine, address, sql string) {
	t.Helper()
	tamper(t, e, address, []string{sql})
}

func flip(t *testing.T, path string, at int64) {
	t.Helper()
	f := got(os.OpenFile(path, os.O_RDWR, 0))(t)
	defer f.Close()
	b := make([]byte, 1)
	got(f.ReadAt(b, at))(t)
	b[0] ^= 0x55
	got(f.WriteAt(b, at))(t)
}

// findings are what verify finds.
func findings(t *testing.T, address, folder string) (found []string) {
	t.Helper()
	st, shut := openFor(t, address, sqlstore.Options{Archive: folder})
	defer shut()
	rep := got(sqlstore.Verify(t.Context(), st, nil))(t)
	for _, f := range rep.Findings {
		found = append(found, fmt.Sprintf("%s %s: %s", f.Rule, f.What, f.Detail))
	}
	return found
}

func has(t *testing.T, found []string, want string) {
	t.Helper()
	if !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, want) }) {
		t.Errorf("want %s…, found\n%s", want, strings.Join(found, "\n"))
	}
}

// unpacked is what zcat prints, less the index.
func unpacked(t *testing.T, path string) (lines []string) {
	t.Helper()
	f := got(os.Open(path))(t)
	defer f.Close()
	text := bufio.NewScanner(got(gzip.NewReader(f))(t))
	text.Buffer(nil, 1<<20)
	for text.Scan() {
		if !strings.HasPrefix(text.Text(), `{"row":"index"`) {
			lines = append(lines, text.Text())
		}
	}
	do(t, text.Err())
	return lines
}

// packed makes the file anew of other lines.
func packed(t *testing.T, path string, lines []string) archive.Made {
	t.Helper()
	folder, name := filepath.Split(path)
	w := got(archive.Create(folder, name))(t)
	defer w.Discard()
	for _, line := range lines {
		var l struct {
			Row, Wallet, Of string
			N, No           json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		k := archive.Key{Text: l.Wallet + l.Of}
		if n := slices.Concat(l.N, l.No); l.Row != "archive" {
			number, _, _ := bytes.Cut(n, []byte("["))
			do(t, json.Unmarshal(number, &k.N))
		}
		do(t, w.Add(l.Row, k, []byte(line)))
	}
	return got(w.Publish(name))(t)
}

// An archive is read without this program: each of its rows is a line of JSON.
func TestArchiveIsPlain(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		l := months(t, e, 13, 1, 30)
		for _, a := range l.archive() {
			counts := map[string]int64{}
			for _, line := range unpacked(t, filepath.Join(l.folder(), a.File)) {
				var row struct {
					Row      string
					Postings []any
				}
				do(t, json.NewDecoder(io.LimitReader(strings.NewReader(line), 1<<20)).Decode(&row))
				counts[row.Row]++
				counts["postings"] += int64(len(row.Postings))
			}
			for row, want := range map[string]int64{"archive": 1, "seals": a.Seal - a.FirstSeal + 1, "entries": a.Entry - a.FirstEntry + 1,
				"postings": a.Postings, "events": a.Event - a.FirstEvent + 1, "wallet_lines": a.Lines} {
				if counts[row] != want || want == 0 {
					t.Errorf("%s has %d %s, and its row says %d", a.File, counts[row], row, want)
				}
			}
		}
	})
}
