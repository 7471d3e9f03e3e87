package storetest_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"wapas/dialecttest"
	"wapas/sqlstore"
	"wapas/storetest"
)

// Every statement that the program sends names one book, so that on a distributed
// database it is one node's, and reads no more of it than it must. Nobody can see
// that in a text that is put together from parts, so it is read from the plan, on
// both engines, of every statement that was heard: a table that grows is never read
// whole, and of the rows of a book only those are read that an index finds.

// A pardon is a statement that may do what others may not, and why.
type pardon struct {
	says string // what is in the statement
	why  string
}

// manyBooks are the statements that look at more than one book.
var manyBooks = []pardon{
	{`FROM books ORDER BY book`, "all books, for verify and verbs; no room asks for them (see dialecttest)"},
	{`max\(book\)(, 0\))? FROM books`, "the last book, when a merchant is made"},
	{`FROM books WHERE merchant_id = \$1`, "a merchant's books, by an index"},
	{`FROM books WHERE mode = \$1 ORDER BY book`, "the first thousand of a mode, for the metrics"},
	{`FROM books WHERE (mode = \$1 AND )?book = \(SELECT r\.book FROM`, "a page for a test book's customers that shows no key: a look into each, by the row's key"},
	{`FROM books WHERE \(SELECT min\(t\.due_at\)`, "the books with a timer that is due, whatever their rows say: for each server every five minutes, a look into each by an index"},
	{`FROM books WHERE \(SELECT min\(r\.id\) FROM requests`, "the books with old requests: for each server once a minute, a look into each by an index"},
	{`FROM books WHERE COALESCE\(\(SELECT min\(a\.id\)`, "the books with deliveries: for each server once an hour, a look into each by an index"},
	{`FROM books WHERE wake_at > 0`, "the books with a timer that is due: for each server four times a second, by an index of those that have one"},
	{`FROM books b WHERE b\.book IN \(SELECT book FROM endpoints WHERE active UNION`, "the books with something to deliver: for each server twice a second at most"},
}

// wholeBooks are the statements that read all rows of a book in a table.
var wholeBooks = []pardon{
	{`WHERE book = \$1 AND id >= '' ORDER BY id$`, "verify, which reads everything"},
	{`FROM (hours|days|code_sums|accounts|wallet_lines) WHERE book = \$1( ORDER BY id| ORDER BY wallet, n)?$`, "verify; and the trial balance on paper"},
	{`^SELECT count\(\*\) FROM postings WHERE book = \$1$`, "verify"},
	{`FROM rail_orders WHERE book = \$1 AND id > '' AND ended_at = 0 ORDER BY id `, "what is under way, in an index that holds nothing else"},
	{`NOT EXISTS \(SELECT 1 FROM entries e`, "verify, when it has found a posting too many"},
	{`FROM code_sums WHERE book = \$1 AND block < \$2 GROUP BY code$`, "a trial balance: one row for two thousand entries and code"},
	{`^SELECT min\(event\) FROM \(`, "archive, of deliveries under way, in an index that holds nothing else"},
	{`^SELECT count\(\*\) FROM entries WHERE book = \$1 AND at [<>]= \$2$`, "how many lines of a period are left in the table, where some are in archives and a page was asked for by how many to skip"},
	{`^DELETE FROM (deliveries|delivery_runs|attempts) `, "what is old is deleted a thousand rows at a time, once an hour"},
}

// small are the tables that do not grow with what merchants do.
var small = map[string]string{
	"merchants": "one row for each", "credentials": "a few for each merchant", "migrations": "one for each step",
	"books": "two for each merchant", "delivery_leases": "one for each book", "delivery_runs": "one for each endpoint and replay",
	"archives": "some for each month",
	"terms":    "one for each change of them", "programmes": "one for each book", "endpoints": "a few for each book",
	"agents": "whoever sends money for the merchant", "scenarios": "what a tester has laid down", "checkups": "the last hundred",
}

// unfound are the columns by which rows may be asked for without an index that finds
// them: whoever asks reads the book from its end until there are enough.
var unfound = map[string]string{
	"created_at":     "of rows whose ids sort by time: a page of a time is bounded by ids where it is read often",
	"entries.at":     "numbers of entries sort by time",
	"refunds.amount": "asked for with other things", "refunds.reverse_all": "asked for with other things",
	"refunds.payment_id":   "a page of one payment's refunds, which has a bound of its own",
	"events.name":          "among twenty thousand events at a time",
	"acts.what":            "a search by an administrator, in the log of acts",
	"orders.authorized":    "a filter that the vendor has",
	"rail_orders.what":     "a page in the console; what is under way has an index",
	"rail_orders.sheet":    "among those that a person carries out and that are open",
	"rail_orders.state":    "among those that a person carries out and that are open",
	"messages.recipient":   "the inbox of a test book",
	"messages.state":       "every row is gone through when the master key is replaced",
	"consents.state":       "every row is gone through when the master key is replaced",
	"transfers.source":     "a filter that the vendor has",
	"remittances.agent_id": "what is owed to an agent's customers",
	"words.order_id":       "among those that are open",
	"attempts.endpoint_id": "kept for some days", "attempts.event": "kept for some days", "attempts.event_id": "kept for some days",
	"deliveries.event_id": "kept for some days", "deliveries.endpoint_id": "among those that are due",
	"deliveries.event": "behind a delivery on a page, by the index that the page is read by", "deliveries.id": "likewise",
	"requests.room": "a hundred thousand are kept of a book", "requests.status": "a hundred thousand are kept of a book",
}

// everyEnv names the directory in which all tests have written down what they sent.
const everyEnv = "WAPAS_TEST_STATEMENTS_HEARD"

// TestEveryStatement looks at what all the tests of the program together have
// sent; "make test" runs it behind them. It fails if the store has a statement that
// none of them sends.
func TestEveryStatement(t *testing.T) {
	dir := os.Getenv(everyEnv)
	if dir == "" {
		t.Skipf("%s is not set: make test runs this behind all other tests", everyEnv)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("nobody wrote statements to %s: %v", dir, err)
	}
	all := map[string]bool{}
	for _, name := range files {
		f := got(os.Open(name))(t)
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			all[lines.Text()] = true
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
	var lines []string
	for line := range all {
		lines = append(lines, line)
	}
	for _, says := range written(t) {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, says) }) {
			t.Errorf("no test has the store send %q…", says)
		}
	}
	newPlanner(t).look(t, lines)
}

// ofEngine is in statements that ask the engine about itself, or tell it to do
// something: they look at no book.
var ofEngine = regexp.MustCompile(`pg_|sqlite_schema|create_(reference|distributed)_table`)

// written are the beginnings of all the statements that stand in the store's own text.
func written(t *testing.T) (all []string) {
	t.Helper()
	files, err := filepath.Glob("../sqlstore/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("the store's text is not there: %v", err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f := got(parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution))(t)
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text := strings.Join(strings.Fields(got(strconv.Unquote(lit.Value))(t)), " ")
				if text, _, _ = strings.Cut(text, "%"); planned.MatchString(text) && !ofEngine.MatchString(text) {
					all = append(all, strings.TrimSpace(text))
				}
			}
			return true
		})
	}
	return all
}

// The statements that are to be found out are.
func TestPlantedStatements(t *testing.T) {
	if !storetest.HasPostgres(t) {
		t.Skip("needs PostgreSQL")
	}
	p := newPlanner(t)
	for _, tt := range []struct{ says, text string }{
		{"every book", "SELECT id FROM refunds WHERE id = $1"},
		{"every book", "SELECT r.id FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE r.book = $1 AND r.id = $2"},
		{"more than one book: $1, $3", "SELECT r.id FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE r.book = $1 AND r.id = $2 AND p.book = $3"},
		{"more than one book: $1, $2", "UPDATE wallets SET sent = (SELECT lines FROM wallets WHERE book = $2 AND id = $3) WHERE book = $1 AND id = $3"},
		{"every book", "DELETE FROM timers WHERE id = $1"},
		{"of which book", "INSERT INTO timers (id, book, what, subject, due_at) VALUES ($1, $2, $3, $4, $5)"},
		{"no index for gstin", "SELECT id FROM customers WHERE book = $1 AND gstin = $2 ORDER BY id LIMIT 10"},
		{"the whole book's payments", "SELECT SUM(amount) FROM payments WHERE book = $1"},
		{"reads all of sessions", "SELECT id FROM sessions WHERE address = $1"},
		{"cannot be prepared", "SELECT count(*) FROM (SELECT id FROM refunds WHERE book = $1) AS some"},
		{"", "SELECT r.id FROM refunds r JOIN payments p ON p.book = r.book AND p.id = r.payment_id WHERE r.book = $1 AND r.id = $2"},
		{"", "INSERT INTO timers (book, id, what, subject, due_at) VALUES ($1, $2, $3, $4, $5)"},
	} {
		faults := p.lookPostgres(t, tt.text)
		if tt.says == "" && len(faults) > 0 || tt.says != "" && !strings.Contains(strings.Join(faults, "; "), tt.says) {
			t.Errorf("of %s is said %q, want %q", tt.text, faults, tt.says)
		}
	}
	for _, tt := range []struct{ says, text string }{
		{"reads all (SCAN sessions)", "SELECT id FROM sessions WHERE address = $1"},
		{"reads all (SCAN refunds", "SELECT id FROM refunds WHERE receipt = $1"},
		{"the whole book", "SELECT SUM(amount) FROM payments WHERE book = $1"},
		{"", "SELECT id FROM refunds WHERE book = $1 AND id = $2"},
	} {
		faults := p.lookSQLite(t, tt.text)
		if tt.says == "" && len(faults) > 0 || tt.says != "" && !strings.Contains(strings.Join(faults, "; "), tt.says) {
			t.Errorf("of %s on SQLite is said %q, want %q", tt.text, faults, tt.says)
		}
	}
}

// A planner has plans made by both engines, over a schema as the program has it.
type planner struct {
	lite   *sql.DB
	pg     *pgx.Conn
	spread *pgx.Conn // the same tables, spread over a cluster; nil where there is none
	tables map[string]bool
	books  map[string]bool // the tables that belong to books
}

// newPlanner makes a database on each engine. Tables are filled with rows that are
// all different, so that the planner of PostgreSQL has something to go by; that of
// SQLite is told by the migrations how large they will be.
func newPlanner(t *testing.T) *planner {
	t.Helper()
	p := &planner{tables: map[string]bool{}, books: map[string]bool{}}
	address := dialecttest.NewSQLite(t)
	open(t, address, sqlstore.Options{})
	p.lite = got(sql.Open("sqlite", "file:"+strings.TrimPrefix(address, "sqlite:")))(t)
	t.Cleanup(func() { p.lite.Close() })

	address = storetest.NewPostgres(t)
	open(t, address, sqlstore.Options{})
	ctx := context.Background()
	p.pg = got(pgx.Connect(ctx, address))(t)
	t.Cleanup(func() { p.pg.Close(ctx) })
	for _, s := range []string{"enable_seqscan = off", "enable_bitmapscan = off", "jit = off", "plan_cache_mode = force_generic_plan"} {
		got(p.pg.Exec(ctx, "SET "+s))(t)
	}
	type column struct{ table, name, kind string }
	columns := got(pgx.CollectRows(got(p.pg.Query(ctx, `SELECT table_name, column_name, data_type FROM information_schema.columns
		WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`))(t), func(row pgx.CollectableRow) (c column, err error) {
		err = row.Scan(&c.table, &c.name, &c.kind)
		return c, err
	}))(t)
	fill := map[string][]string{}
	for _, c := range columns {
		p.tables[c.table] = true
		as := "'x' || g"
		switch {
		case c.name == "book":
			as = "1 + g % 3"
			p.books[c.table] = c.table != "credentials" // which is no book's, but names one
		case c.name == "side":
			as = "1"
		case c.kind == "bigint":
			as = "g"
		case c.kind == "boolean":
			as = "g % 20 = 0"
		case c.kind == "bytea":
			as = "''"
		}
		if c.name == "book" && (c.table == "books" || c.table == "delivery_leases") { // it is the whole key
			as = "g"
		}
		fill[c.table] = append(fill[c.table], as)
	}
	for table, as := range fill {
		got(p.pg.Exec(ctx, fmt.Sprintf("INSERT INTO %s SELECT %s FROM generate_series(1, 1500) AS g", table, strings.Join(as, ", "))))(t)
	}
	got(p.pg.Exec(ctx, "ANALYZE"))(t)
	if os.Getenv(storetest.DistributedEnv) != "" {
		address := storetest.NewDistributed(t)
		open(t, address, sqlstore.Options{})
		p.spread = got(pgx.Connect(ctx, address))(t)
		t.Cleanup(func() { p.spread.Close(ctx) })
		got(p.spread.Exec(ctx, "SET plan_cache_mode = force_custom_plan"))(t)
	}
	return p
}

// look makes a plan of every statement, and says what is wrong with it.
func (p *planner) look(t *testing.T, lines []string) {
	slices.Sort(lines)
	seen := map[string]bool{}
	n := map[string]int{}
	for _, line := range lines {
		engine, text, _ := strings.Cut(line, "\t")
		if !planned.MatchString(text) {
			continue
		}
		if engine == "sqlite" {
			n["SQLite"]++
			for _, fault := range p.lookSQLite(t, text) {
				t.Errorf("on SQLite %s: %s", fault, text)
			}
			text = asPostgres(text)
		}
		if seen[text] {
			continue
		}
		seen[text] = true
		n["PostgreSQL"]++
		for _, fault := range p.lookPostgres(t, text) {
			t.Errorf("on PostgreSQL %s: %s", fault, text)
		}
		if p.spread == nil || pardoned(manyBooks, text) || insertSelect.MatchString(text) { // the last is not sent there
			continue
		}
		n["Citus"]++
		for _, tasks := range p.lookCluster(t, text) {
			t.Errorf("on Citus it takes %s: %s", tasks, text)
		}
	}
	t.Logf("statements that were looked at: %v", n)
}

// planned are the statements that have a plan: not BEGIN, SET and the schema.
var planned = regexp.MustCompile(`^(SELECT|INSERT|UPDATE|DELETE) `)

// asPostgres is a statement for SQLite in the words of PostgreSQL.
func asPostgres(text string) string {
	text = among.ReplaceAllString(text, "= ANY($1)")
	for i := 1; strings.Contains(text, "?"); i++ {
		text = strings.Replace(text, "?", fmt.Sprintf("$%d", i), 1)
	}
	return text
}

var (
	among  = regexp.MustCompile(`IN \(SELECT value FROM json_each\((\$\d+)\)\)`)
	params = regexp.MustCompile(`\$(\d+)`)
)

// pardoned says whether a statement is one of those.
func pardoned(list []pardon, text string) bool {
	return slices.ContainsFunc(list, func(p pardon) bool { return regexp.MustCompile(p.says).MatchString(text) })
}

// A node of a plan of PostgreSQL.
type node struct {
	Type   string `json:"Node Type"`
	Table  string `json:"Relation Name"`
	Index  string `json:"Index Name"`
	Cond   string `json:"Index Cond"`
	Filter string `json:"Filter"`
	Plans  []node
}

func (p *planner) lookPostgres(t *testing.T, text string) (faults []string) {
	ctx := context.Background()
	if _, err := p.pg.Exec(ctx, "PREPARE one AS "+text); err != nil {
		return []string{"it cannot be prepared: " + err.Error()}
	}
	defer func() { got(p.pg.Exec(ctx, "DEALLOCATE one"))(t) }()
	var doc []byte
	if err := p.pg.QueryRow(ctx, explain(text)).Scan(&doc); err != nil {
		return []string{"it has no plan: " + err.Error()}
	}
	var plans []struct{ Plan node }
	if err := json.Unmarshal(doc, &plans); err != nil {
		t.Fatal(err)
	}
	l := &looker{planner: p, text: text}
	l.node(plans[0].Plan, false)
	if strings.HasPrefix(text, "INSERT INTO ") {
		l.insert()
	}
	slices.Sort(l.books)
	if l.books = slices.Compact(l.books); len(l.books) > 1 && !pardoned(manyBooks, text) {
		l.fault("names more than one book: %s", strings.Join(l.books, ", "))
	}
	return l.faults
}

// explain asks for the plan of a prepared statement: of book 1, if its first
// parameter is a book.
func explain(text string) string {
	most := 0
	for _, m := range params.FindAllStringSubmatch(text, -1) {
		var n int
		fmt.Sscan(m[1], &n)
		most = max(most, n)
	}
	execute := "EXPLAIN (FORMAT JSON, COSTS OFF) EXECUTE one"
	if most == 0 {
		return execute
	}
	first := "NULL"
	if strings.Contains(text, "book = $1") || strings.Contains(text, "(book, ") {
		first = "1"
	}
	return execute + "(" + first + strings.Repeat(", NULL", most-1) + ")"
}

var taskCount = regexp.MustCompile(`"Task Count": (\d+)`)

// lookCluster says how many tasks a statement becomes on a cluster, if they are more
// than one: each is one shard's.
func (p *planner) lookCluster(t *testing.T, text string) (tasks []string) {
	ctx := context.Background()
	if _, err := p.spread.Exec(ctx, "PREPARE one AS "+text); err != nil {
		return []string{err.Error()}
	}
	defer func() { got(p.spread.Exec(ctx, "DEALLOCATE one"))(t) }()
	var doc []byte
	if err := p.spread.QueryRow(ctx, explain(text)).Scan(&doc); err != nil {
		return []string{err.Error()}
	}
	found := taskCount.FindAllStringSubmatch(string(doc), -1)
	if found == nil {
		return []string{"no task: " + string(doc)}
	}
	for _, m := range found {
		if m[1] != "0" && m[1] != "1" {
			tasks = append(tasks, m[1]+" tasks")
		}
	}
	return tasks
}

// A looker goes through one plan.
type looker struct {
	*planner
	text   string
	books  []string // the parameters that are the book
	faults []string
}

func (l *looker) fault(format string, args ...any) {
	l.faults = append(l.faults, fmt.Sprintf(format, args...))
}

var (
	bookIs  = regexp.MustCompile(`\bbook = (\$\d+|(?:\w+\.)?book\b)`)
	compare = regexp.MustCompile(`\((?:\w+\.)?\(?(\w+)\)?(?:::\w+)? (=|<>|<|>|<=|>=) ((?:ANY )?\(?[^()]*(?:\([^()]*\))?)\)`)
)

// node looks at a node and those under it. Paged says that somebody above stops
// after some rows and wants them in the order in which they come.
func (l *looker) node(n node, paged bool) {
	switch n.Type {
	case "Limit":
		paged = true
	case "Sort", "Aggregate", "Hash", "Materialize", "ModifyTable":
		paged = false
	}
	if n.Table != "" && n.Type != "ModifyTable" {
		l.scan(n, paged)
	}
	for _, under := range n.Plans {
		l.node(under, paged)
	}
}

func (l *looker) scan(n node, paged bool) {
	conds := n.Cond + " " + n.Filter
	if l.planner.books[n.Table] && !pardoned(manyBooks, l.text) {
		m := bookIs.FindStringSubmatch(conds)
		switch {
		case m == nil:
			l.fault("looks at %s of every book (%s%s)", n.Table, n.Type, conds)
		case strings.HasPrefix(m[1], "$"):
			l.books = append(l.books, m[1])
		}
	}
	if small[n.Table] != "" || pardoned(wholeBooks, l.text) || pardoned(manyBooks, l.text) {
		return
	}
	if n.Type == "Seq Scan" {
		l.fault("reads all of %s", n.Table)
		return
	}
	found, ranged := false, false
	for _, m := range compare.FindAllStringSubmatch(n.Cond, -1) {
		switch {
		case m[1] == "book" || m[3] == "''::text":
		case m[2] == "=":
			found = true
		default:
			ranged = true
		}
	}
	var dropped []string
	excused := false
	for _, m := range compare.FindAllStringSubmatch(n.Filter, -1) {
		switch {
		case m[1] == "book" || m[3] == "''::text":
		case unfound[m[1]] != "" || unfound[n.Table+"."+m[1]] != "":
			excused = true
		default:
			dropped = append(dropped, m[1])
		}
	}
	switch {
	case found:
	case dropped != nil:
		l.fault("has no index for %s of %s", strings.Join(dropped, ", "), n.Table)
	case !ranged && !paged && !excused:
		l.fault("reads the whole book's %s (%s)", n.Table, n.Cond)
	}
}

var (
	insertOf     = regexp.MustCompile(`^INSERT INTO (\w+) \((\w+)`)
	insertValues = regexp.MustCompile(`VALUES \((\$\d+)[,)]`)
	insertSelect = regexp.MustCompile(`\) SELECT (\$\d+)::bigint, u\.\* FROM unnest\(`)
)

// insert looks at which book new rows are of.
func (l *looker) insert() {
	m := insertOf.FindStringSubmatch(l.text)
	if m == nil || !l.planner.books[m[1]] {
		return
	}
	book := insertValues.FindStringSubmatch(l.text)
	if book == nil {
		book = insertSelect.FindStringSubmatch(l.text)
	}
	if m[2] != "book" || book == nil {
		l.fault("does not say of which book its rows in %s are", m[1])
		return
	}
	l.books = append(l.books, book[1])
}

// A step of a plan of SQLite that reads a table, and what it is found by there.
var liteStep = regexp.MustCompile(`^(SCAN|SEARCH) (\w+)(?: .*\((.*)\))?$`)

func (p *planner) lookSQLite(t *testing.T, text string) (faults []string) {
	if strings.HasPrefix(text, "INSERT ") && !strings.Contains(text, "SELECT") {
		return nil
	}
	args := make([]any, 0, 8)
	for _, m := range params.FindAllStringSubmatch(text, -1) {
		var n int
		fmt.Sscan(m[1], &n)
		for len(args) < n {
			args = append(args, nil)
		}
	}
	rows, err := p.lite.Query("EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		return []string{"it has no plan: " + err.Error()}
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if pardoned(manyBooks, text) || pardoned(wholeBooks, text) {
		return nil
	}
	sorted := slices.ContainsFunc(steps, func(s string) bool { return strings.Contains(s, "TEMP B-TREE FOR ORDER") })
	for _, s := range steps {
		m := liteStep.FindStringSubmatch(s)
		switch {
		case m == nil || small[m[2]] != "" || !p.tables[m[2]]:
		case m[1] == "SCAN":
			faults = append(faults, "reads all ("+s+")")
		case m[3] == "book=?" && (sorted || !strings.Contains(text, "LIMIT")):
			faults = append(faults, "reads the whole book ("+s+")")
		}
	}
	return faults
}
