package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// The names of the rooms.
const (
	razorpay = "razorpay"
	engage   = "engage"
	phonepe  = "phonepe"
	eko      = "eko"
	native   = "native"
)

// What a shop is stocked with.
type stock uint8

const (
	members  stock = 1 << iota // who have had store credit before
	wallets                    // customers with money in them
	sellers                    // three linked accounts
	payments                   // large ones, to be given back bit by bit
	agents                     // who have value to send on
	history                    // a wallet with a statement of some length
)

const (
	loaded     = 500_000     // paise in each wallet
	paid       = 50_000_000  // paise of a payment to be given back
	value      = 100_000_000 // paise that an agent may send on
	given      = 1_000       // paise of a store credit, of a purchase, of a remittance less thirteen
	someLines  = 1_000       // of a statement, at least
	stockLanes = 64          // requests at once while a shop is stocked
)

// A Shop is a test book that is measured, seen from outside: what the workloads
// need is made through the rooms, as its merchant would.
type Shop struct {
	site *Site
	keys Keys
	size int    // how many members and wallets
	tag  string // of everything that this run names
	made atomic.Int64

	has      stock
	wallets  []string
	sellers  []string
	payments []string
	agents   []shopAgent

	long  string // the customer with the long statement
	lines int64  // and how many lines it has at least

	// What the books must say in the end: what they said before, and what was
	// acknowledged since, in paise by codes of the chart.
	before map[string]int64
	moved  map[string]*atomic.Int64
}

type shopAgent struct{ code, initiator string }

// The codes of the chart that a run of workloads moves in a known way: what is
// given stays, what goes out of a wallet comes back.
const (
	codeLinked  = "2020"
	codeCash    = "2100"
	codeHold    = "2102"
	codeCredit  = "2105"
	codeRefunds = "2200"
	codeValue   = "2400"
	codeSent    = "2410"
	codeOwed    = "2420"
)

var audited = []string{codeLinked, codeCash, codeHold, codeCredit, codeRefunds, codeValue, codeSent, codeOwed}

// OpenShop enters a test book of the server, of which nobody else makes use
// meanwhile. A live book is refused.
func OpenShop(ctx context.Context, site *Site, keys Keys, size int) (*Shop, error) {
	s := &Shop{site: site, keys: keys, size: size, tag: strings.ToLower(rand.Text()[:8]), moved: map[string]*atomic.Int64{}}
	for _, code := range audited {
		s.moved[code] = new(atomic.Int64)
	}
	me, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	if me.Book.Mode != "test" {
		return nil, fmt.Errorf("the token opens a %s book: only test books are measured", me.Book.Mode)
	}
	s.before, err = s.sums(ctx)
	return s, err
}

type me struct {
	Book struct {
		Mode    string `json:"mode"`
		Entries int64  `json:"entries"`
	} `json:"book"`
}

func (s *Shop) me(ctx context.Context) (m me, err error) {
	err = s.client(ctx, 0, Uniform).ask(native, "GET", "/api/v1/me", "", &m)
	return m, err
}

// Entries is how many there are in the book.
func (s *Shop) Entries(ctx context.Context) (int64, error) {
	m, err := s.me(ctx)
	return m.Book.Entries, err
}

// Lines is how many lines the long statement has at least.
func (s *Shop) Lines() int64 { return s.lines }

// client is one caller of the shop.
func (s *Shop) client(ctx context.Context, seed uint64, how Choice) *client {
	dice := mrand.New(mrand.NewPCG(seed, 1))
	return &client{Site: s.site, ctx: ctx, keys: s.keys, dice: dice, choose: how.from(dice)}
}

// name is one that was never given before.
func (s *Shop) name() string { return fmt.Sprintf("%s%d", s.tag, s.made.Add(1)) }

// Stock makes what is needed and not there yet.
func (s *Shop) Stock(ctx context.Context, needed stock) error {
	for _, one := range []struct {
		what stock
		make func(context.Context) error
	}{
		{members, s.addMembers}, {wallets, s.addWallets}, {sellers, s.addSellers}, {payments, s.addPayments}, {agents, s.addAgents},
		{history, func(ctx context.Context) error { return s.Fill(ctx, someLines, nil) }},
	} {
		if needed&one.what == 0 || s.has&one.what != 0 {
			continue
		}
		if err := one.make(ctx); err != nil {
			return err
		}
		s.has |= one.what
	}
	return nil
}

// shopLanes is how many of many shops are opened, stocked or audited at once.
const shopLanes = 16

// everyShop does something to each of n shops, some at the same time.
func everyShop(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	return sideBySide(ctx, shopLanes, n, do)
}

// lanes has many things made at the same time.
func (s *Shop) lanes(ctx context.Context, n int, do func(c *client, i int) error) error {
	return sideBySide(ctx, stockLanes, n, func(ctx context.Context, i int) error {
		return do(s.client(ctx, uint64(i), Uniform), i)
	})
}

// sideBySide does n things, so many at a time, and stops at the first that fails.
func sideBySide(ctx context.Context, lanes, n int, do func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(lanes)
	for i := range n {
		g.Go(func() error { return do(ctx, i) })
	}
	return g.Wait()
}

// sums are what the accounts of each code hold.
func (s *Shop) sums(ctx context.Context) (map[string]int64, error) {
	var trial struct {
		Lines []struct {
			Code          string
			Debit, Credit int64
		}
	}
	if err := s.client(ctx, 0, Uniform).ask(native, "GET", "/api/v1/trial_balance", "", &trial); err != nil {
		return nil, err
	}
	sums := map[string]int64{}
	for _, l := range trial.Lines {
		sums[l.Code] += l.Credit - l.Debit
	}
	return sums, nil
}

// Audit holds the books against what was acknowledged: all that was given is
// there, once, and all that was to come back has come back.
func (s *Shop) Audit(ctx context.Context) error {
	now, err := s.sums(ctx)
	if err != nil {
		return err
	}
	var faults []error
	for _, code := range slices.Sorted(slices.Values(audited)) {
		if is, must := now[code]-s.before[code], s.moved[code].Load(); is != must {
			faults = append(faults, fmt.Errorf("the accounts %s hold %d paise more than before; %d were acknowledged", code, is, must))
		}
	}
	return errors.Join(faults...)
}
