package soak

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"wapas/desk"
	"wapas/rail/sim"
	"wapas/sqlstore"
)

// begin is when every run begins.
var begin = time.Date(2026, 1, 5, 6, 30, 0, 0, time.UTC)

var ring, _ = desk.NewKeyring(bytes.Repeat([]byte{7}, desk.MasterKeySize)) // the size is right

// agentValue is what each agent begins with.
const agentValue = 150_000

// A town is who there is before a run begins: one merchant with a test book,
// its customers, sellers and credentials. It is the same in every run.
type town struct {
	book      desk.BookID
	customers []string
	linked    []string
	funds     map[string]string
	agents    [][2]string // id and code
}

// found makes the town on an empty database.
func found(ctx context.Context, address string) (*town, error) {
	random := rand.New(rand.NewPCG(1, 2))
	now := func() time.Time { return begin.Add(-48 * time.Hour) } // its terms hold on servers whose clocks are behind, too
	st, err := sqlstore.Open(ctx, address, sqlstore.Options{Now: now, Random: random.Uint64})
	if err != nil {
		return nil, err
	}
	t, err := settle(ctx, st, now)
	return t, errors.Join(err, st.Close())
}

func settle(ctx context.Context, st *sqlstore.Store, now func() time.Time) (*town, error) {
	if err := st.Migrate(ctx); err != nil {
		return nil, err
	}
	if st.Clustered() {
		if _, err := st.Distribute(ctx); err != nil {
			return nil, err
		}
	}
	d := newDesk(st, now, sim.Rail{}, slog.New(slog.DiscardHandler))
	_, book, _, err := d.CreateMerchant(ctx, desk.MerchantRequest{Name: "Soak"})
	if err != nil {
		return nil, err
	}
	t := &town{book: book.ID, funds: map[string]string{}}
	for _, q := range credentials {
		q.Book = book.ID
		if _, err := d.Issue(ctx, q); err != nil {
			return nil, err
		}
	}
	terms := desk.DefaultTerms()
	terms.Programme, terms.MaxBalance, terms.MonthlyLoad, terms.MonthlyUsage, terms.RemitMonthly = "full_kyc", 0, 0, 0, 0
	if _, err := d.SetTerms(ctx, book.ID, terms); err != nil {
		return nil, err
	}
	programme := desk.DefaultProgramme()
	programme.CountsOrders, programme.MaxBalance, programme.Expiry = true, maxCredit, int64(creditLife.Seconds())
	if _, err := d.SetProgramme(ctx, book.ID, programme); err != nil {
		return nil, err
	}
	for i := range 2 {
		a, err := d.OpenAgent(ctx, book.ID, desk.AgentRequest{Code: fmt.Sprint("2081020", i), Initiator: "9962981729", Name: "Asha Stores"})
		if err != nil {
			return nil, err
		}
		if _, err := d.BuyValue(ctx, book.ID, desk.ValueRequest{Agent: a.ID, Amount: agentValue}); err != nil {
			return nil, err
		}
		t.agents = append(t.agents, [2]string{string(a.ID), a.Code})
	}
	for i := range 3 {
		c, err := d.CreateCustomer(ctx, book.ID, desk.CustomerRequest{Name: "Asha", Contact: fmt.Sprint("987654321", i)})
		if err != nil {
			return nil, err
		}
		f, err := d.CreateFundAccount(ctx, book.ID, desk.FundAccountRequest{Customer: c.ID, Type: "bank_account", Name: "Asha", IFSC: "HDFC0000053", Number: "11214311215411"})
		if err != nil {
			return nil, err
		}
		a, err := d.CreateLinked(ctx, book.ID, desk.Linked{Email: fmt.Sprintf("l%d@example.com", i), Phone: "9000090000", LegalName: "A seller", BusinessType: "partnership", ContactName: "Asha"})
		if err != nil {
			return nil, err
		}
		t.customers, t.linked = append(t.customers, string(c.ID)), append(t.linked, string(a.ID))
		t.funds[string(c.ID)] = string(f.ID)
	}
	return t, nil
}

// A plot is an empty town in a SQLite file, made once and copied for each run.
type plot struct {
	*town
	file []byte
}

var plotOnce = sync.OnceValues(func() (*plot, error) {
	dir, err := os.MkdirTemp(fast(), "wapas-soak-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "town.db")
	t, err := found(context.Background(), "sqlite:"+path)
	if err != nil {
		return nil, err
	}
	file, err := os.ReadFile(path)
	return &plot{t, file}, err
})

// fast is a folder in memory, if there is one: a soak tests what is done, and
// not the disk.
func fast() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}
