package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
)

// A question is parsed once on each connection, hears of a schema that another
// connection changed since, and is answered as well when no more are kept.
func TestQuestions(t *testing.T) {
	st := openTest(t, "sqlite:"+filepath.Join(t.TempDir(), "wapas.db"), Options{Readers: 2})
	db := st.db.(*sqliteDB)
	ctx := context.Background()
	ask := func(text string, args ...any) (got string) {
		t.Helper()
		err := db.query(ctx, stmt{sql: text, args: args, each: func(scan func(...any) error) error { return scan(&got) }})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return got
	}
	change := func(texts ...string) {
		t.Helper()
		for _, text := range texts {
			if err := db.exec(ctx, []stmt{{sql: text}}); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
	}
	change("CREATE TABLE questions (id TEXT, said TEXT)", "INSERT INTO questions VALUES ('a', 'first')")
	const question = "SELECT said FROM questions WHERE id = $1"
	if got := ask(question, "a"); got != "first" {
		t.Errorf("got %q", got)
	}
	one, _ := db.asked.Load(question)
	change("DROP TABLE questions", "CREATE TABLE questions (said TEXT, other TEXT, id TEXT)", "CREATE INDEX questions_id ON questions (id)", "INSERT INTO questions VALUES ('second', '', 'a')")
	var wg sync.WaitGroup // on each of the connections
	for range 8 {
		wg.Go(func() {
			if got := ask(question, "a"); got != "second" {
				t.Errorf("after the table was another: %q", got)
			}
		})
	}
	wg.Wait()
	if again, _ := db.asked.Load(question); one == nil || again != one {
		t.Errorf("it was prepared again: %p and %p", one, again)
	}

	for i := range mostTexts + 5 {
		if got := ask(fmt.Sprintf("SELECT 'answer %d'", i)); got != fmt.Sprintf("answer %d", i) {
			t.Fatalf("question %d: %q", i, got)
		}
	}
	kept := 0
	db.asked.Range(func(any, any) bool { kept++; return true })
	if kept != mostTexts {
		t.Errorf("%d texts are kept", kept)
	}

	if err := db.query(ctx, stmt{sql: "SELECT nothing FROM nowhere"}); err == nil {
		t.Error("a question about no table was answered")
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := db.query(gone, stmt{sql: question, args: []any{"a"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("for somebody who has gone: %v", err)
	}
}
