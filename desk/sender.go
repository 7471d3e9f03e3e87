package desk

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"wapas/ledger"
)

// A Sender brings texts to mobiles. It may be called more than once for one
// text, if the process dies before the first call's answer is kept: ID is
// always the same then, and a gateway that knows it need not send it again.
type Sender interface {
	Send(ctx context.Context, t Text) error
}

// A Text is a message on its way to a mobile. What it says is a secret of
// whom it is for.
type Text struct {
	ID   ID
	Book BookID
	To   string
	Body string
}

// A LogSender writes to a log that a text would have been sent: neither what it
// says nor the whole number. It is for those who set up a live book before
// they have a gateway: nobody can agree to anything by it.
type LogSender struct{ Log *slog.Logger }

// Send writes a line.
func (s LogSender) Send(_ context.Context, t Text) error {
	s.Log.Warn("no gateway is set up: a text was not sent", "book", t.Book, "message", t.ID, "to", Masked(t.To))
	return nil
}

// How messages go out.
const (
	SendTimeout  = 10 * time.Second // for one call of the sender
	maxSends     = 6
	firstResend  = 5 * time.Second // after the first try that failed; then twice as long each time
	maxSendWords = 200             // of a failure's reason
)

// A Message to a customer's mobile. Rows are the outbox: written with the
// change that causes the message, sent after it.
type Message struct {
	ID        ID     // msg_
	To        string // the mobile
	Day       ID     // the mobile and the day in India: what the day's limit counts
	About     ID     // the consent whose code it brings
	Text      string // sealed until it is sent; then plain in a test book, and empty in a live one
	State     string // waiting, sent, failed
	Tries     int64
	Reason    string // of the last try that failed
	SentAt    ledger.Time
	CreatedAt ledger.Time
}

func (r Message) Kind() Kind { return KindMessage }
func (r Message) RowID() ID  { return r.ID }
func (r Message) Parent() ID { return r.Day }

// Check is the rule of a message row.
func (r Message) Check() error {
	switch r.State {
	case "waiting", "sent", "failed":
		if r.To != "" && (r.State == "sent") == (r.SentAt != 0) {
			return nil
		}
	}
	return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s is %q", r.ID, r.State)
}

// dayOf is what the messages of a day to a mobile are found under.
func dayOf(mobile string, at ledger.Time) ID { return ID(fmt.Sprintf("%s/%v", mobile, at.Day())) }

// message writes down a message that is to be sent after this change.
func (c *change) message(to string, about ID, text string) error {
	sealed, err := c.desk.Sealer.Seal([]byte(text))
	if err != nil {
		return fmt.Errorf("seal a message: %w", err)
	}
	m := Message{
		ID: c.NewID("msg"), To: to, Day: dayOf(to, c.now), About: about, Text: base64.StdEncoding.EncodeToString(sealed),
		State: "waiting", CreatedAt: c.now,
	}
	c.Put(m, timer("message.send", m.ID, c.now)) // both new
	return c.wake(c.now)
}

// sendMessage is what is due at "message.send". In a test book nothing leaves:
// the message is in the inbox, and that is all.
func (d *Desk) sendMessage(ctx context.Context, book BookID, id ID) error {
	b, err := d.Store.Book(ctx, book)
	if err != nil {
		return err
	}
	m, err := find[Message](ctx, d, book, id)
	if err != nil {
		return err
	}
	var text string
	var failed error
	if m.State == "waiting" {
		if text, err = d.openText(m); err != nil {
			return err
		}
		if b.Mode != Test {
			failed = d.sendText(ctx, Text{ID: m.ID, Book: book, To: m.To, Body: text})
		}
	}
	return d.change(ctx, book, []Ref{ref[Message](id), ref[Consent](m.About), ref[Timer](timer("message.send", id, 0).ID)}, func(c *change) error {
		m, err := need[Message](c, id, "")
		if err != nil {
			return err
		}
		if m.State != "waiting" {
			return c.unwait("message.send", id)
		}
		m.Tries++
		if failed == nil {
			m.State, m.SentAt, m.Text, m.Reason = "sent", c.now, "", ""
			if b.Mode == Test {
				m.Text = text
			}
			c.Put(m)
			return c.unwait("message.send", id)
		}
		m.Reason = shorten(failed.Error(), maxSendWords)
		at := c.now.Add(firstResend << (m.Tries - 1))
		about, _, err := get[Consent](c, m.About)
		if err != nil {
			return err
		}
		if m.Tries == maxSends || about.State != consentOpen || at >= about.ExpiresAt { // it would come too late
			m.State, m.Text = "failed", ""
			c.Put(m)
			return c.unwait("message.send", id)
		}
		c.Put(m)
		return c.wait("message.send", id, at)
	})
}

// sendText calls the sender.
func (d *Desk) sendText(ctx context.Context, t Text) error {
	call, cancel := context.WithTimeout(ctx, SendTimeout)
	defer cancel()
	if d.Sender == nil {
		return LogSender{d.Log}.Send(call, t)
	}
	err := d.Sender.Send(call, t)
	if err != nil {
		d.Log.Warn("a text was not sent", "book", t.Book, "message", t.ID, "to", Masked(t.To), "err", err)
	}
	return err
}

// openText opens what a message that waits will say.
func (d *Desk) openText(m Message) (string, error) {
	sealed, err := base64.StdEncoding.DecodeString(m.Text)
	if err != nil {
		return "", fmt.Errorf("the text of %s: %w", m.ID, err)
	}
	text, err := d.Sealer.Open(sealed)
	if err != nil {
		return "", fmt.Errorf("open the text of %s: %w", m.ID, err)
	}
	return string(text), nil
}

// Inbox is the latest messages of a test book, in plain text, the newest first;
// of one mobile if it is given, and behind a message's id. It refuses WrongState (WhyLiveCode) for a live
// book, whose texts are nobody's to read.
func (d *Desk) Inbox(ctx context.Context, book BookID, mobile string, after ID, count int) ([]Message, error) {
	b, err := d.Store.Book(ctx, book)
	switch {
	case err != nil:
		return nil, err
	case b.Mode != Test:
		return nil, ledger.Refuse(ledger.WrongState, WhyLiveCode, "the texts of a live book are nobody's to read")
	}
	q := Query{Book: book, After: string(after), Count: count}
	if mobile != "" {
		q.Where = map[string]string{"recipient": mobile}
	}
	all, err := List[Message](ctx, d, q)
	for i, m := range all {
		if m.State == "waiting" {
			text, bad := d.openText(m)
			all[i].Text, err = text, errors.Join(err, bad)
		}
	}
	return all, err
}

// shorten cuts a text to n characters.
func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
