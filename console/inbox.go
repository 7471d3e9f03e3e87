package console

import (
	"wapas/desk"
)

// An inboxPage is what a test book would have sent to mobiles, and what it sent
// to webhooks.
type inboxPage struct {
	Mobile   string
	Messages []desk.Message
	Attempts []desk.Attempt
}

// inboxShown is how much of each is shown.
const inboxShown = 12

func showInbox(q *visit) error {
	p := inboxPage{Mobile: q.value("of")}
	var err error
	if p.Messages, err = q.desk().Inbox(q.Context(), q.book.ID, p.Mobile, "", inboxShown); err != nil {
		return err
	}
	if p.Attempts, err = q.desk().Attempts(q.Context(), desk.DeliveryQuery{Book: q.book.ID, Count: inboxShown}); err != nil {
		return err
	}
	return q.show("inbox", "Inbox", p)
}

// setOTP says which code a mobile is sent from now on.
func setOTP(q *visit) error {
	code := q.value("how")
	if code == "this" {
		code = q.value("otp")
	}
	if err := q.desk().SetOTP(q.Context(), q.book.ID, q.value("mobile"), code); err != nil {
		if q.refused(err) {
			return showInbox(q)
		}
		return err
	}
	return q.done("/sandbox/inbox", "From now on that is what the mobile is sent.")
}
