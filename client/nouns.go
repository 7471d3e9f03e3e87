package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// The nouns that programs use most. Amounts are paise; a field that does not
// apply has its zero value. The server may say more of each than stands here.

// A Refund gives money back, through whichever room it was asked for.
type Refund struct {
	ID          string         `json:"id"`
	Room        string         `json:"room"`
	Amount      int64          `json:"amount"`
	To          string         `json:"to"`
	State       string         `json:"state"` // pending, done, failed
	PaymentID   string         `json:"payment_id"`
	OrderID     string         `json:"order_id"`
	HolderID    string         `json:"holder_id"`
	Speed       string         `json:"speed"`
	SpeedDone   string         `json:"speed_done"`
	Reference   string         `json:"reference"`
	Proof       string         `json:"proof"`
	ProofKind   string         `json:"proof_kind"`
	Reason      string         `json:"reason"`
	Notes       map[string]any `json:"notes"`
	CreatedAt   time.Time      `json:"created_at"`
	ProcessedAt time.Time      `json:"processed_at"`
}

// A NewRefund asks for a refund. Without an amount it is all that is left.
type NewRefund struct {
	PaymentID  string            `json:"payment_id"`
	Amount     int64             `json:"amount,omitempty"`
	To         string            `json:"to,omitempty"`
	Speed      string            `json:"speed,omitempty"`
	Reference  string            `json:"reference,omitempty"`
	ReverseAll bool              `json:"reverse_all,omitempty"`
	Notes      map[string]string `json:"notes,omitempty"`
	Outcome    string            `json:"outcome,omitempty"`
}

// A Credit is a transaction of store credit.
type Credit struct {
	ID        string         `json:"id"`
	MemberID  string         `json:"member_id"`
	Type      string         `json:"type"`
	Purpose   string         `json:"purpose"`
	Amount    int64          `json:"amount"`
	Balance   int64          `json:"balance"`
	Left      int64          `json:"left"`
	Reference string         `json:"reference"`
	Order     string         `json:"order"`
	RefundID  string         `json:"refund_id"`
	ExpiresAt time.Time      `json:"expires_at"`
	Notes     map[string]any `json:"notes"`
	CreatedAt time.Time      `json:"created_at"`
}

// A NewCredit asks to give a customer store credit.
type NewCredit struct {
	Partner   string            `json:"partner_user_id"`
	Contact   string            `json:"contact"`
	Email     string            `json:"email,omitempty"`
	Amount    int64             `json:"amount"`
	Purpose   string            `json:"purpose"`
	Reference string            `json:"reference"`
	Order     string            `json:"order,omitempty"`
	Notes     map[string]string `json:"notes,omitempty"`
}

// A Spend pays the merchant with store credit.
type Spend struct {
	Amount    int64             `json:"amount"`
	Order     string            `json:"order,omitempty"`
	Reference string            `json:"reference,omitempty"`
	Notes     map[string]string `json:"notes,omitempty"`
}

// A RailOrder is what a rail, or a person, was asked to move.
type RailOrder struct {
	ID        string    `json:"id"`
	What      string    `json:"what"`
	Room      string    `json:"room"`
	Rail      string    `json:"rail"`
	To        string    `json:"to"`
	Amount    int64     `json:"amount"`
	State     string    `json:"state"`
	Code      string    `json:"code"`
	Reason    string    `json:"reason"`
	Proof     string    `json:"proof"`
	Reference string    `json:"reference"`
	By        string    `json:"by"`
	CreatedAt time.Time `json:"created_at"`
	SentAt    time.Time `json:"sent_at"`
	EndedAt   time.Time `json:"ended_at"`
}

// An Outcome is a person's word on how an order ended.
type Outcome struct {
	Outcome string `json:"outcome"` // done, refused, returned
	Proof   string `json:"proof,omitempty"`
	Code    string `json:"code,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Amount  int64  `json:"amount,omitempty"`
}

// A Clock is how a book tells the time.
type Clock struct {
	Now    time.Time `json:"now"`
	Frozen bool      `json:"frozen"`
	Ahead  int64     `json:"ahead"` // seconds
}

// A Scenario is how a tester wants things to end.
type Scenario struct {
	ID        string `json:"id,omitempty"`
	What      string `json:"what,omitempty"`
	Amount    int64  `json:"amount,omitempty"`
	Reference string `json:"reference,omitempty"`
	Outcome   string `json:"outcome"`
	Code      string `json:"code,omitempty"`
	Reason    string `json:"reason,omitempty"`
	After     int64  `json:"after,omitempty"`
	Times     int64  `json:"times,omitempty"`
	Used      int64  `json:"used,omitempty"`

	CreatedAt time.Time `json:"created_at,omitzero"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
}

// A Me is who a credential is, and what it opens.
type Me struct {
	Merchant Merchant `json:"merchant"`
	Book     Book     `json:"book"`
	Scopes   []string `json:"scopes"`
}

// A Merchant owns books.
type Merchant struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	AccountID string `json:"account_id"`
}

// A Book is one merchant's ledger in one mode.
type Book struct {
	ID      int64     `json:"id"`
	Mode    string    `json:"mode"` // test, live
	Name    string    `json:"name"`
	Now     time.Time `json:"now"` // by its own clock
	Entries int64     `json:"entries"`
	Events  int64     `json:"events"`
}

// A Page is part of a list. Next, given as after, asks for what follows; it is
// empty at the end.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

// All walks a list to its end, page by page: path is the list's, query its
// filters.
func All[T any](ctx context.Context, c *Client, path string, query url.Values) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		ask := url.Values{"limit": {"100"}}
		for name, vals := range query {
			ask[name] = vals
		}
		for {
			var p Page[T]
			if err := c.Get(ctx, path, ask, &p); err != nil {
				var zero T
				yield(zero, err)
				return
			}
			for _, item := range p.Items {
				if !yield(item, nil) {
					return
				}
			}
			if p.Next == "" || len(p.Items) == 0 {
				return
			}
			ask.Set("after", p.Next)
		}
	}
}

func (c *Client) post(ctx context.Context, path, key string, in, out any) error {
	return c.Do(ctx, http.MethodPost, path, key, in, out)
}

// CreateRefund asks for a refund, once for a key.
func (c *Client) CreateRefund(ctx context.Context, in NewRefund, key string) (r Refund, err error) {
	err = c.post(ctx, "/refunds", key, in, &r)
	return r, err
}

// Refund reads a refund.
func (c *Client) Refund(ctx context.Context, id string) (r Refund, err error) {
	err = c.Get(ctx, "/refunds/"+url.PathEscape(id), nil, &r)
	return r, err
}

// Refunds walks the refunds of every room, newest first. Filters are those of
// GET /refunds: state, room, payment_id…
func (c *Client) Refunds(ctx context.Context, filter url.Values) iter.Seq2[Refund, error] {
	return All[Refund](ctx, c, "/refunds", filter)
}

// SearchRefunds finds refunds by what a customer reads out.
func (c *Client) SearchRefunds(ctx context.Context, text string) ([]Refund, error) {
	var p Page[Refund]
	err := c.Get(ctx, "/refunds/search", url.Values{"q": {text}}, &p)
	return p.Items, err
}

// CreateCredit gives a customer store credit, once for a key and for its
// reference.
func (c *Client) CreateCredit(ctx context.Context, in NewCredit, key string) (x Credit, err error) {
	err = c.post(ctx, "/credits", key, in, &x)
	return x, err
}

// SpendCredit pays with what a member holds, once for a key.
func (c *Client) SpendCredit(ctx context.Context, member string, in Spend, key string) (x Credit, err error) {
	err = c.post(ctx, "/members/"+url.PathEscape(member)+"/spend", key, in, &x)
	return x, err
}

// Waiting walks what outside money has not moved yet, oldest first.
func (c *Client) Waiting(ctx context.Context, filter url.Values) iter.Seq2[RailOrder, error] {
	return All[RailOrder](ctx, c, "/waiting", filter)
}

// RecordOutcome says how an order ended, once for a key.
func (c *Client) RecordOutcome(ctx context.Context, order string, in Outcome, key string) (o RailOrder, err error) {
	err = c.post(ctx, "/rail_orders/"+url.PathEscape(order)+"/outcome", key, in, &o)
	return o, err
}

// Me is who this client's credential is.
func (c *Client) Me(ctx context.Context) (m Me, err error) {
	err = c.Get(ctx, "/me", nil, &m)
	return m, err
}

// Clock shows the book's clock.
func (c *Client) Clock(ctx context.Context) (k Clock, err error) {
	err = c.Get(ctx, "/clock", nil, &k)
	return k, err
}

// A ClockChange is what is done to a test book's clock.
type ClockChange struct {
	Do string    `json:"do"` // freeze, move, set, run, real
	At time.Time `json:"at,omitzero"`
	By int64     `json:"by,omitempty"` // seconds
}

// SetClock does something to a test book's clock, and then what has come due.
func (c *Client) SetClock(ctx context.Context, in ClockChange) (k Clock, err error) {
	err = c.post(ctx, "/clock", "", in, &k)
	return k, err
}

// MoveClock moves a test book's clock ahead, in whole seconds, and does what has
// come due.
func (c *Client) MoveClock(ctx context.Context, by time.Duration) (Clock, error) {
	return c.SetClock(ctx, ClockChange{Do: "move", By: int64(by / time.Second)})
}

// SetScenario says how things of a test book are to end.
func (c *Client) SetScenario(ctx context.Context, in Scenario) (s Scenario, err error) {
	err = c.post(ctx, "/scenarios", "", in, &s)
	return s, err
}

// Scenarios walks those that stand, oldest first.
func (c *Client) Scenarios(ctx context.Context) iter.Seq2[Scenario, error] {
	return All[Scenario](ctx, c, "/scenarios", nil)
}

// EndScenario ends one.
func (c *Client) EndScenario(ctx context.Context, id string) (s Scenario, err error) {
	err = c.Do(ctx, http.MethodDelete, "/scenarios/"+url.PathEscape(id), "", nil, &s)
	return s, err
}
