package console

import (
	"bytes"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// EveryProgress is a refund in each state, on each way.
func EveryProgress(now time.Time) (all []desk.Progress) {
	at := ledger.At(now)
	for _, way := range []string{desk.WayCard, desk.WayUPI, desk.WayNetbanking, desk.WayProvider, desk.WayWallet, desk.WayCredit, desk.WayAgent} {
		for _, to := range []string{"", "a•••@bank"} {
			if to != "" && (way == desk.WayWallet || way == desk.WayCredit || way == desk.WayAgent) {
				continue
			}
			base := desk.Progress{Merchant: "Chai Point", Refund: "rfnd_1", Amount: 100, Way: way, To: to, Asked: at, By: at.Day().Add(7), Now: at, Expires: at, State: "pending"}
			tid := base
			tid.State, tid.Ended, tid.Reference, tid.Proof = "done", at, "10000001", "tid"
			all = append(all, tid)
			sent, unsure, late, law, done, quoted, failed := base, base, base, base, base, base, base
			sent.Sent = at
			unsure.Sent, unsure.Unsure = at, true
			late.By = at.Day().Add(-1)
			law.Law = true
			done.State, done.Ended, done.Sent = "done", at, at
			quoted = done
			quoted.Reference, quoted.Proof = "123456789012", "rrn"
			all = append(all, base, sent, unsure, late, law, done, quoted)
			for code := range rail.Words {
				failed.State, failed.Code, failed.Ended = "failed", code, at
				all = append(all, failed)
			}
		}
	}
	return all
}

// DrawProgress is a customer's page.
func DrawProgress(p desk.Progress, lang string) (string, error) {
	page := template.Must(template.New("").Funcs(words).Funcs(template.FuncMap{"asset": readAssets().address}).ParseFS(templateFiles, "templates/_layout.html", "templates/_progress.html"))
	var b bytes.Buffer
	err := page.ExecuteTemplate(&b, "progress", progressSheet{Progress: p, Lang: lang, text: texts[lang]})
	return b.String(), err
}

// SnapshotFor is a row of an event as a role sees it.
func SnapshotFor(role desk.Role, r desk.Row) string {
	q := &visit{person: desk.Person{ID: "per_1", Role: role}}
	return fmt.Sprint(q.snapshot(r).Facts)
}

// Inside says whether the door sends somebody there.
func Inside(to string) bool { return inside(to) }

// TextKeys are the names of the texts of a language.
func TextKeys(lang string) []string { return slices.Sorted(maps.Keys(texts[lang])) }

// A Page is a line of the console's table.
type Page struct {
	At    string
	Right desk.Right
	Test  bool
}

// Pages are all there are.
func Pages() (all []Page) {
	for _, p := range pages() {
		all = append(all, Page{p.at, p.right, p.test})
	}
	return all
}
