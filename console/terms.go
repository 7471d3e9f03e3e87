package console

import (
	"slices"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// A termsPage is the rules in force, what comes, and what was before.
type termsPage struct {
	Now    desk.Terms
	Groups []clauseGroup
	Coming []termsChange
	Past   []termsChange
}

// A clauseGroup is the rules about one thing.
type clauseGroup struct {
	Name    string
	Clauses []clause
}

// A termsChange is terms that were written, and in what they differ from those
// before them.
type termsChange struct {
	desk.Terms
	Differs []difference
}

// A difference is one rule of two terms.
type difference struct {
	Label, Was, Is string
}

// pastTerms is how many earlier terms are shown.
const pastTerms = 20

func groupsOf() (groups []clauseGroup) {
	for _, c := range clauses {
		if n := len(groups); n == 0 || groups[n-1].Name != c.Group {
			groups = append(groups, clauseGroup{Name: c.Group})
		}
		g := &groups[len(groups)-1]
		g.Clauses = append(g.Clauses, c)
	}
	return groups
}

// differ is what is different in two terms.
func differ(was, is desk.Terms) (all []difference) {
	for _, c := range clauses {
		if x, y := c.Said(was), c.Said(is); x != y {
			all = append(all, difference{c.Label, x, y})
		}
	}
	return all
}

// allTerms are the terms of the book in the order in which they came or come into
// force.
func (q *visit) allTerms() ([]desk.Terms, error) {
	all, err := desk.List[desk.Terms](q.Context(), q.desk(), desk.Query{Book: q.book.ID, Oldest: true, Count: 1000})
	slices.SortStableFunc(all, func(x, y desk.Terms) int { return int(min(1, max(-1, x.From-y.From))) })
	return all, err
}

// inForce are those of terms in that order that are in force at a moment.
func inForce(all []desk.Terms, at ledger.Time) desk.Terms {
	now := desk.DefaultTerms()
	for _, t := range all {
		if t.From <= at {
			now = t
		}
	}
	return now
}

func showTerms(q *visit) error {
	all, err := q.allTerms()
	if err != nil {
		return err
	}
	p := termsPage{Now: inForce(all, q.now()), Groups: groupsOf()}
	before := desk.DefaultTerms()
	for _, t := range all {
		c := termsChange{t, differ(before, t)}
		if before = t; t.From > q.now() {
			p.Coming = append(p.Coming, c)
		} else {
			p.Past = append(p.Past, c)
		}
	}
	slices.Reverse(p.Past)
	p.Past = p.Past[:min(len(p.Past), pastTerms)]
	return q.show("terms", "Terms", p)
}

// A termsForm is the form for other terms, and what it would do.
type termsForm struct {
	Groups []clauseGroup
	Base   desk.Terms // that the form was filled with
	// What the form asks for, once it was understood.
	Check   bool
	From    ledger.Time // zero: now
	Differs []difference
	Later   []termsChange // that were written before and come after
}

func showTermsForm(q *visit) error {
	all, err := q.allTerms()
	if err != nil {
		return err
	}
	return q.show("termsform", "Change the terms", termsForm{Groups: groupsOf(), Base: inForce(all, q.now())})
}

// changeTerms takes what was changed in the form and nothing else: the rest
// stays as it will be on the day from which it counts. It is shown before it is
// done.
func changeTerms(q *visit) error {
	all, err := q.allTerms()
	if err != nil {
		return err
	}
	f := termsForm{Groups: groupsOf()}
	f.Base = desk.DefaultTerms()
	if i := slices.IndexFunc(all, func(t desk.Terms) bool { return string(t.ID) == q.value("base") }); i >= 0 {
		f.Base = all[i]
	}
	set, err := q.readTerms(&f, all)
	do := q.value("step") == "do"
	if err == nil && do {
		var before bool
		if before, err = q.desk().Claim(q.Context(), q.book.ID, q.once(set)); before {
			return q.done("/settings/terms", "These terms were written down already.")
		}
	}
	if err == nil && len(f.Differs) == 0 {
		err = ledger.Refuse(ledger.Invalid, desk.WhyTerms, "Nothing is different from the terms of that day.")
	}
	if err == nil && do {
		if set, err = q.desk().SetTerms(q.Context(), q.book.ID, set); err == nil {
			return q.done("/settings/terms", "The new terms are in force from %s.", set.From.Std().In(india).Format("2 Jan 2006, 15:04"))
		}
	}
	if err != nil && !q.refused(err) {
		return err
	}
	f.Check = err == nil
	return q.show("termsform", "Change the terms", f)
}

// readTerms are the terms that the form asks for.
func (q *visit) readTerms(f *termsForm, all []desk.Terms) (desk.Terms, error) {
	if text := q.value("from"); text != "" {
		at, err := time.ParseInLocation(formMoment, text, india)
		if err != nil {
			return desk.Terms{}, ledger.Refuse(ledger.Invalid, desk.WhyTerms, "write a day and a time").In("from")
		}
		if f.From = ledger.At(at); f.From <= q.now() {
			return desk.Terms{}, ledger.Refuse(ledger.Invalid, desk.WhyTerms, "that has passed: terms come into force now or later").In("from")
		}
	}
	from := max(f.From, q.now())
	was := inForce(all, from)
	set := was
	for _, c := range clauses {
		text, written := q.value(c.Name), desk.DefaultTerms()
		if _, sent := q.Form[c.Name]; !sent {
			continue
		}
		if err := c.set(&written, text); err != nil {
			return set, err
		}
		if c.Said(written) != c.Said(f.Base) {
			if err := c.set(&set, text); err != nil {
				return set, err
			}
		}
	}
	if err := set.Check(); err != nil {
		return set, err
	}
	f.Differs = differ(was, set)
	before := was
	for _, t := range all {
		if t.From > from {
			f.Later = append(f.Later, termsChange{t, differ(before, t)})
			before = t
		}
	}
	set.ID, set.From = "", f.From
	return set, nil
}
