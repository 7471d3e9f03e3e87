package soak

import "time"

// What the model knows of remittances: an agent takes a customer's cash and
// sends it on. If it does not arrive the customer is sent a code, and who shows
// it has given the cash back, and gets the value again.

const (
	holdAfter   = 30 * time.Minute
	codeLife    = 5 * time.Minute
	resendAfter = 30 * time.Second
	maxTries    = 5
	maxResends  = 3
	maxDaily    = 10
	rightCode   = "123456" // of every challenge in a test book
)

// An agent holds value.
type agent struct {
	id, code string
	value    int64
	refs     map[string]bool
	sent     []*remittance
}

// A remittance is initiated, held, done, owed or refunded.
type remittance struct {
	id, tid  string
	by       *agent
	customer string // the mobile
	ref      string
	amount   int64
	state    string
	at       time.Time
	waits    bool // the rail said that it is on its way: not for too long
	codes    []*code
}

// A code was sent to the customer.
type code struct {
	at    time.Time
	tries int
	state string // open, spent, dead, replaced
}

// day is the day in India.
func day(t time.Time) int64 { return (t.Unix() + 19800) / 86400 }

// remit sends cash.
func (m *model) remit(r *remittance) string {
	switch {
	case r.by.refs[r.ref]:
		return "reference used"
	case r.amount > r.by.value:
		r.by.refs[r.ref] = true // a declined one is kept, too
		return "agent short"
	}
	r.by.refs[r.ref] = true
	r.by.value -= r.amount
	r.state, r.at = "initiated", m.now
	r.by.sent = append(r.by.sent, r)
	m.remits = append(m.remits, r)
	return ""
}

// remitOutcome keeps what the rail said.
func (m *model) remitOutcome(r *remittance, word string) {
	switch {
	case r.state != "initiated" && r.state != "held":
	case word == "done":
		r.state = "done"
	case word == "refused":
		r.state = "owed"
		m.challenge(r)
	case word == "unknown":
		r.state = "held"
	}
	r.waits = r.waits || word == "pending"
}

// hold is what becomes of one that has been on its way for too long.
func (m *model) hold() {
	for _, r := range m.remits {
		if r.state == "initiated" && r.waits && !m.now.Before(r.at.Add(holdAfter)) {
			r.state = "held"
		}
	}
}

// challenge sends the customer a code, and ends the one before.
func (m *model) challenge(r *remittance) {
	for _, c := range r.codes {
		if c.state == "open" {
			c.state = "replaced"
		}
	}
	r.codes = append(r.codes, &code{at: m.now, state: "open"})
	m.texts[mobileDay{r.customer, day(m.now)}]++
}

type mobileDay struct {
	mobile string
	day    int64
}

// mayRefund is why a remittance cannot be given back.
func (r *remittance) mayRefund(by *agent) string {
	switch {
	case r.by != by:
		return "another agent's"
	case r.state == "refunded":
		return "refunded already"
	case r.state != "owed":
		return "not to be refunded"
	}
	return ""
}

// resend sends the code again.
func (m *model) resend(r *remittance, by *agent) string {
	if no := r.mayRefund(by); no != "" {
		return no
	}
	today := 0
	for _, c := range r.codes {
		if m.now.Before(c.at.Add(resendAfter)) {
			return "sent a moment ago"
		}
		if day(c.at) == day(m.now) {
			today++
		}
	}
	switch {
	case today > maxResends:
		return "sent too often"
	case m.texts[mobileDay{r.customer, day(m.now)}] >= maxDaily:
		return "too many texts"
	}
	m.challenge(r)
	return ok("code sent")
}

// giveBack shows a code: only the newest counts, and only once.
func (m *model) giveBack(r *remittance, by *agent, digits string) string {
	if no := r.mayRefund(by); no != "" {
		return no
	}
	c := r.codes[len(r.codes)-1]
	switch {
	case c.state == "spent":
		return "code spent"
	case c.state == "dead":
		return "code dead"
	case c.state != "open" || !m.now.Before(c.at.Add(codeLife)):
		return "code expired"
	case digits != rightCode:
		if c.tries++; c.tries == maxTries {
			c.state = "dead"
		}
		return "code wrong"
	}
	c.state = "spent"
	r.state = "refunded"
	by.value += r.amount
	return ok("refunded %d, value %d", r.amount, by.value)
}
