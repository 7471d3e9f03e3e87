package console

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"wapas/ledger"
)

// words are how pages say values: money, moments, states.
var words = template.FuncMap{
	"amount":  amountOf,
	"exact":   exactOf,
	"rupees":  rupees,
	"moment":  momentOf,
	"day":     func(t ledger.Time) string { return t.Std().In(india).Format("2 Jan 2006") },
	"age":     age,
	"state":   stateOf,
	"count":   count,
	"room":    roomOf,
	"plain":   plain,
	"dict":    dict,
	"ahead":   aheadOf,
	"seconds": span,
	"rfc":     func(t ledger.Time) string { return t.Std().Format(time.RFC3339) },
	"list":    func(all ...any) []any { return all },
	"cut":     func(text string, n int) string { r := []rune(text); return string(r[:min(n, len(r))]) },
	"short":   short,

	"since":    sinceOf,
	"sentence": sentence,
}

// india is where times are told for.
var india = time.FixedZone("IST", 5*3600+1800)

// rupees writes an amount the Indian way: ₹12,34,567.00.
func rupees(a ledger.Amount) string {
	whole, paise := split(a)
	return whole + "." + paise
}

// split is an amount's rupees, with the sign and the mark, and its paise.
func split(a ledger.Amount) (whole, paise string) {
	sign := ""
	u := uint64(a)
	if a < 0 {
		sign, u = "−", -u
	}
	return sign + "₹" + grouped(strconv.FormatUint(u/100, 10)), fmt.Sprintf("%02d", u%100)
}

// grouped puts commas as India does: the last three digits, then pairs.
func grouped(digits string) string {
	if len(digits) <= 3 {
		return digits
	}
	head, tail := digits[:len(digits)-3], digits[len(digits)-3:]
	for len(head) > 2 {
		tail = head[len(head)-2:] + "," + tail
		head = head[:len(head)-2]
	}
	return head + "," + tail
}

// amountOf is an amount for a column of a table: rupees large, paise small, the
// exact paise for who points at it.
func amountOf(a ledger.Amount) template.HTML {
	whole, paise := split(a)
	class := "amount"
	if a == 0 {
		class += " zero"
	}
	return template.HTML(`<data class="` + class + `" value="` + strconv.FormatInt(int64(a), 10) + `" title="` + paiseText(a) + `">` + whole + `<small>.` + paise + `</small></data>`)
}

// exactOf is an amount where it is the subject, with its paise written beside it.
func exactOf(a ledger.Amount) template.HTML {
	return amountOf(a) + template.HTML(` <small class="paise">`+paiseText(a)+`</small>`)
}

func paiseText(a ledger.Amount) string {
	sign, u := "", uint64(a)
	if a < 0 {
		sign, u = "−", -u
	}
	return sign + grouped(strconv.FormatUint(u, 10)) + " paise"
}

// momentOf is a moment in India, with the exact one of UTC for who points at it.
func momentOf(t ledger.Time) template.HTML {
	if t == 0 {
		return `<span class="none">–</span>`
	}
	utc := t.Std()
	return template.HTML(`<time datetime="` + utc.Format(time.RFC3339Nano) + `" title="` + utc.Format("2006-01-02 15:04:05.000000") + ` UTC">` +
		utc.In(india).Format("2 Jan 2006, 15:04:05") + ` <small>IST</small></time>`)
}

// age is how long ago a moment was, in one word or two.
func age(now, t ledger.Time) string {
	if t == 0 {
		return "–"
	}
	d := now.Std().Sub(t.Std())
	later := ""
	if d < 0 {
		d, later = -d, "in "
	}
	switch {
	case d < time.Minute:
		return later + strconv.Itoa(int(d.Seconds())) + " s"
	case d < time.Hour:
		return later + strconv.Itoa(int(d.Minutes())) + " min"
	case d < 48*time.Hour:
		return later + strconv.Itoa(int(d.Hours())) + " h"
	}
	return later + strconv.Itoa(int(d.Hours()/24)) + " days"
}

// sinceOf is how long ago a moment was, with the moment for who points at it.
func sinceOf(now, t ledger.Time) template.HTML {
	if t == 0 {
		return `<span class="none">–</span>`
	}
	return template.HTML(`<time datetime="` + t.Std().Format(time.RFC3339) + `" title="` + t.Std().In(india).Format("2 Jan 2006, 15:04:05") + ` IST">` + age(now, t) + `</time>`)
}

// sentence begins with a capital.
func sentence(word any) string {
	text := plain(word)
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// tones are what states look like: good is over and well, busy is under way,
// bad is over and not well, unsure is what nobody knows, calm is anything else.
// Each has a sign of its own, for who does not see colours.
var tones = map[string]string{
	"done": "good", "processed": "good", "captured": "good", "paid": "good", "settled": "good", "active": "good", "delivered": "good", "activated": "good", "success": "good", "clean": "good", "agreed": "good",
	"pending": "busy", "checking": "busy", "ready": "busy", "created": "busy", "processing": "busy", "waiting": "busy", "sent": "busy", "authorized": "busy", "on_hold": "busy", "asked": "busy", "running": "busy", "retrying": "busy", "attempted": "busy", "draft": "busy", "checked": "busy", "owed": "busy",
	"failed": "bad", "bad": "bad", "declined": "bad", "dropped": "bad", "expired": "bad", "refused": "bad", "reversed": "bad", "disabled": "bad", "lost": "bad", "revoked": "bad", "suspended": "bad", "error": "bad", "broken": "bad",
	"unknown": "unsure", "partially_reversed": "unsure", "open": "unsure", "disputed": "unsure", "paused": "unsure", "frozen": "unsure", "over_limit": "unsure",
}

var signs = map[string]string{"good": "✓", "busy": "◔", "bad": "✕", "unsure": "?", "calm": "•"}

// stateOf is a state as a badge.
func stateOf(state any) template.HTML {
	text := fmt.Sprint(state)
	if text == "" {
		return `<span class="none">–</span>`
	}
	tone, ok := tones[text]
	if !ok {
		tone = "calm"
	}
	return template.HTML(`<span class="state ` + tone + `"><span aria-hidden="true">` + signs[tone] + `</span> ` + template.HTMLEscapeString(plain(text)) + `</span>`)
}

// plain is a machine's word as a person writes it.
func plain(word any) string { return strings.ReplaceAll(fmt.Sprint(word), "_", " ") }

// count writes a number the Indian way.
func count(n any) string {
	text := fmt.Sprint(n)
	if sign, rest, ok := strings.Cut(text, "-"); ok && sign == "" {
		return "−" + grouped(rest)
	}
	return grouped(text)
}

// rooms are the names of the APIs.
var rooms = map[string]string{"": "Razorpay", "razorpay": "Razorpay", "engage": "Engage", "phonepe": "PhonePe", "eko": "Eko", "native": "Native", "console": "Console", "sms": "SMS"}

func roomOf(name string) string {
	if said, ok := rooms[name]; ok {
		return said
	}
	return name
}

// short is the end of a long id, by which people tell two apart.
func short(id any) string {
	text := fmt.Sprint(id)
	if len(text) <= 12 {
		return text
	}
	return text[:4] + "…" + text[len(text)-6:]
}

// dict makes a part's data of names and values.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict takes names and values")
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		m[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return m, nil
}

// now is the moment of the book's own time.
func (q *visit) now() ledger.Time { return q.book.Clock.Now(ledger.At(q.desk().Now())) }
