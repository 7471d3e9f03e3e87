package native

import (
	"strings"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// A me is who a credential is, and what it opens.
type me struct {
	Merchant merchant `json:"merchant"`
	Book     book     `json:"book"`
	Scopes   []string `json:"scopes" doc:"What the credential may do."`
}

type merchant struct {
	ID        desk.ID `json:"id" doc:"14 characters."`
	Name      string  `json:"name"`
	AccountID desk.ID `json:"account_id" doc:"acc_ and the merchant's id: what the vendors call it."`
}

// A book is one merchant's ledger in one mode.
type book struct {
	ID      int64  `json:"id"`
	Mode    string `json:"mode" enum:"test|live"`
	Name    string `json:"name" doc:"The merchant's billing label."`
	Now     moment `json:"now" doc:"What its clock shows."`
	Seal    int64  `json:"seal" doc:"The number of the last seal: it grows with every batch of changes."`
	Hash    string `json:"hash,omitempty" doc:"Of that seal: it stands for everything before it."`
	Entries int64  `json:"entries" doc:"How many there are: they are numbered from 1."`
	Events  int64  `json:"events" doc:"How many there are: they are numbered from 1."`
}

func merchantRoutes() []route {
	return under("Merchant",
		read("/me", "getMe", anyScope, "Who this credential is, and which book it opens", getMe),
		read("/terms", "getTerms", anyScope, "The terms in force", getTerms),
	)
}

func getMe(q *request, _ nothing) (me, error) {
	b, err := q.desk().Store.Book(q.Context(), q.book())
	if err != nil {
		return me{}, err
	}
	m, err := q.desk().Store.Merchant(q.Context(), b.Merchant)
	if err != nil {
		return me{}, err
	}
	out := me{
		Merchant: merchant{ID: b.Merchant, Name: b.Name, AccountID: b.Account()},
		Book: book{
			ID: int64(b.ID), Mode: string(b.Mode), Name: b.Name, Now: moment(b.Clock.Now(ledger.At(q.desk().Now()))),
			Seal: b.Seal, Hash: b.Hash, Entries: b.Entry, Events: b.Event,
		},
		Scopes: strings.Fields(q.caller.Scopes),
	}
	if m != nil {
		out.Merchant.Name = m.Name
	}
	if len(out.Scopes) == 0 {
		out.Scopes = scopes
	}
	return out, nil
}

// terms are the rules that a book lives by now.
type terms struct {
	Programme      string        `json:"programme" enum:"closed|small_cash|small_nocash|full_kyc" doc:"Of wallets."`
	MaxBalance     ledger.Amount `json:"max_balance" doc:"Of one wallet; 0: no limit."`
	MonthlyLoad    ledger.Amount `json:"monthly_load" doc:"Into one wallet in a calendar month; 0: no limit."`
	MonthlySpend   ledger.Amount `json:"monthly_spend" doc:"Spent and paid out of one wallet in a month; 0: no limit."`
	MinRefund      ledger.Amount `json:"min_refund"`
	CaptureWithin  int64         `json:"capture_within" doc:"Seconds."`
	Overdraft      ledger.Amount `json:"overdraft" doc:"How far the merchant's balance may fall below zero."`
	ConfirmRefunds bool          `json:"confirm_refunds" doc:"The vendors' APIs say processed only once the rail has."`
	TwoPeopleAbove ledger.Amount `json:"two_people_above" doc:"What a person moves by hand above this takes two; 0: never."`
}

func getTerms(q *request, _ nothing) (terms, error) {
	t, err := q.desk().Terms(q.Context(), q.book())
	return terms{
		t.Programme, t.MaxBalance, t.MonthlyLoad, t.MonthlySpend, t.MinRefund, t.CaptureWithin, t.Overdraft, t.ConfirmRefunds, t.TwoPeopleAbove,
	}, err
}

// seconds is a count of them as a duration.
func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }
