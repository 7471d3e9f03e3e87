package desk

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"wapas/ledger"
)

// A link shows whoever holds it how one refund is getting on, and nothing else.
// Nothing about it is kept: it is the refund's name and a moment of the book's
// time, sealed, so that nobody can make one, change one, or use one for anything
// else. Inside the seal stand
//
//	linkPurpose, the book, the refund's id without its prefix, the moment
//
// with the numbers as varints and the moment in whole hours: it is short enough
// for a text message.
const (
	linkPurpose = "wapas: r\x00"
	linkHour    = ledger.Time(time.Hour / time.Microsecond)
	maxLink     = 160 // characters: no link is longer
)

// How long a link is good.
const (
	LinkLife    = 90 * 24 * time.Hour // if nobody says otherwise
	MaxLinkLife = 366 * 24 * time.Hour
)

// The rules of links, beside WhyExpired.
const (
	WhyLink     ledger.Why = "link"      // NotFound: not one that was made here
	WhyLinkLife ledger.Why = "link_life" // Invalid: none, or longer than MaxLinkLife
)

// A Link leads a customer to a refund.
type Link struct {
	Refund  ID
	Token   string
	Expires ledger.Time // of the book's time
}

// LinkTo makes a link to a refund, good for as long as life, or LinkLife if that
// is zero. Whoever makes one by hand is written down.
//
// It refuses, in this order: Invalid for the life; NotFound.
func (d *Desk) LinkTo(ctx context.Context, book BookID, refund ID, life time.Duration) (Link, error) {
	if life == 0 {
		life = LinkLife
	}
	if life < time.Hour || life > MaxLinkLife {
		return Link{}, ledger.Refuse(ledger.Invalid, WhyLinkLife, "a link is good for an hour to %d days", MaxLinkLife/(24*time.Hour)).In("life")
	}
	r, err := find[Refund](ctx, d, book, refund)
	if err != nil {
		return Link{}, err
	}
	b, err := d.Store.Book(ctx, book)
	if err != nil {
		return Link{}, err
	}
	hours := (b.Clock.Now(ledger.At(d.Now())).Add(life) + linkHour - 1) / linkHour
	open := binary.AppendUvarint([]byte(linkPurpose), uint64(book))
	open = append(open, strings.TrimPrefix(string(r.ID), "rfnd_")...)
	open = append(open, 0)
	open = binary.AppendUvarint(open, uint64(hours))
	sealed, err := d.Sealer.Seal(open)
	if err != nil {
		return Link{}, fmt.Errorf("seal a link: %w", err)
	}
	return Link{r.ID, base64.RawURLEncoding.EncodeToString(sealed), hours * linkHour}, d.Witness(ctx, book, r.ID)
}

// openLink is what a link leads to. There is one way to write a link.
func (d *Desk) openLink(token string) (book BookID, refund ID, expires ledger.Time, ok bool) {
	if len(token) > maxLink || strings.ContainsAny(token, "\r\n") { // which the decoder skips
		return 0, "", 0, false
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return 0, "", 0, false
	}
	open, err := d.Sealer.Open(sealed)
	if err != nil {
		return 0, "", 0, false
	}
	rest, ok := strings.CutPrefix(string(open), linkPurpose)
	number, n := binary.Uvarint([]byte(rest))
	if !ok || n <= 0 {
		return 0, "", 0, false
	}
	id, end, ok := strings.Cut(rest[n:], "\x00")
	hours, m := binary.Uvarint([]byte(end))
	return BookID(number), ID("rfnd_" + id), ledger.Time(hours) * linkHour, ok && m > 0 && m == len(end)
}

// The ways that a refund goes back to who paid.
const (
	WayCard       = "card"
	WayUPI        = "upi"
	WayNetbanking = "netbanking"
	WayProvider   = "provider" // a wallet that somebody else keeps
	WayWallet     = "wallet"   // the merchant's own
	WayCredit     = "credit"
	WayAgent      = "agent"
)

// usualDays are within how many days the money of a refund is usually there.
var usualDays = map[string]int64{WayCard: 10, WayUPI: 7, WayNetbanking: 10, WayProvider: 3}

// A Progress is how a refund is getting on, in what its customer may see.
type Progress struct {
	Merchant string
	Test     bool
	Refund   ID
	Amount   ledger.Amount
	State    string // pending, done, failed
	Way      string
	To       string // where it goes, so that the customer knows it again and nobody else does
	Code     string // why it failed, in one word (rail.Words), if the rail said so

	Asked, Sent, Ended ledger.Time // zero for what has not happened
	Unsure             bool        // the bank was asked, and has not said what became of it

	Proof, Reference string     // the bank's number, and what it is: arn, rrn, utr
	By               ledger.Day // by when the money should be there
	Law              bool       // By is what the law allows for a failed transaction
	Now              ledger.Time
	Expires          ledger.Time // of the link
}

// Late says that the money should be there and is not on its way's end.
func (p Progress) Late() bool { return p.State == "pending" && p.Now.Day() > p.By }

// Follow opens a link.
//
// It refuses, in this order: NotFound (WhyLink) for what is no link; Denied
// (WhyExpired) when its time is over; NotFound if the refund is not there.
func (d *Desk) Follow(ctx context.Context, token string) (Progress, error) {
	book, id, expires, ok := d.openLink(token)
	if !ok {
		return Progress{}, ledger.Refuse(ledger.NotFound, WhyLink, "no such link")
	}
	b, err := d.Store.Book(ctx, book)
	if err != nil {
		return Progress{}, err
	}
	p := Progress{Merchant: b.Name, Test: b.Mode == Test, Now: b.Clock.Now(ledger.At(d.Now())), Expires: expires}
	if p.Now >= expires {
		return p, ledger.Refuse(ledger.Denied, WhyExpired, "the link's time is over")
	}
	r, order, err := d.RefundOrdered(ctx, book, id)
	if err != nil {
		return p, err
	}
	pay, err := findIf[Payment](ctx, d, book, r.Payment)
	if err != nil {
		return p, err
	}
	subjects := []ID{r.ID}
	if r.Payment != "" {
		subjects = append(subjects, r.Payment)
	}
	var clocks []TAT
	for _, s := range subjects {
		of, err := List[TAT](ctx, d, Query{Book: book, Parent: s, Oldest: true, Count: len(tatRules)})
		if err != nil {
			return p, err
		}
		clocks = append(clocks, of...)
	}
	p.tell(r, pay, order, clocks)
	return p, nil
}

// tell says what is known of a refund.
func (p *Progress) tell(r Refund, pay *Payment, o RailOrder, clocks []TAT) {
	p.Refund, p.Amount, p.State, p.Asked = r.ID, r.Amount, r.State, r.CreatedAt
	p.Way, p.To = wayOf(r, pay)
	if r.State == "done" {
		p.Ended, p.Proof, p.Reference = r.ProcessedAt, r.Proof, r.Reference
	}
	p.Sent, p.Unsure = o.SentAt, o.State == "unknown"
	if r.State == "failed" {
		p.Ended, p.Code = o.EndedAt, o.Code
	}
	days := usualDays[p.Way]
	if r.Done == "instant" {
		days = 1
	}
	p.By = r.CreatedAt.Day().Add(days)
	for _, c := range clocks {
		if c.Stopped == 0 && c.EndedAt == 0 {
			p.By, p.Law = c.Due, true
		}
	}
}

// wayOf is which way a refund goes, and whereto, masked.
func wayOf(r Refund, pay *Payment) (way, to string) {
	switch {
	case r.To == "wallet":
		return WayWallet, ""
	case r.To == "credit":
		return WayCredit, ""
	case r.To == "agent":
		return WayAgent, ""
	case pay == nil:
		return WayNetbanking, ""
	case pay.Method == "upi":
		return WayUPI, maskedVPA(pay.VPA)
	case pay.Method == "card":
		if to = pay.CardNetwork; pay.CardLast4 != "" {
			to = strings.TrimSpace(to + " •••• " + pay.CardLast4)
		}
		return WayCard, to
	case pay.Method == "wallet":
		return WayProvider, pay.Wallet
	}
	return WayNetbanking, BankName(pay.Bank)
}

// maskedVPA is a VPA with the first letter of its name and its bank.
func maskedVPA(vpa string) string {
	name, bank, ok := strings.Cut(vpa, "@")
	if !ok || name == "" {
		return ""
	}
	return string([]rune(name)[:1]) + "•••@" + bank
}
