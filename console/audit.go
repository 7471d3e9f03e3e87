package console

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"wapas/desk"
)

// An actLine is a line of the audit log in words.
type actLine struct {
	desk.Act
	Says  string
	Parts []actPart
}

// An actPart is one thing that an act tells of itself.
type actPart struct{ Name, Value string }

func actLines(acts []desk.Act) []actLine {
	out := make([]actLine, len(acts))
	for i, a := range acts {
		out[i] = actLine{Act: a, Says: actSays(a.What)}
		var told map[string]any
		if json.Unmarshal([]byte(a.Detail), &told) != nil {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(told)) {
			value, ok := told[name].(string)
			if !ok {
				text, _ := json.Marshal(told[name]) // it came from JSON
				value = string(text)
			}
			out[i].Parts = append(out[i].Parts, actPart{plain(name), value})
		}
	}
	return out
}

// actSays is what was done in words: the path of the console's page, or the name
// of an operation.
func actSays(what string) string {
	path, console := strings.CutPrefix(what, "console.")
	said := strings.ReplaceAll(plain(path), ".", ": ")
	if console {
		return said
	}
	return strings.ReplaceAll(said, ":", " ›")
}

// showAudit is who did what by hand, the newest first.
func showAudit(q *visit) error {
	people, err := q.desk().People(q.Context(), q.person.Merchant)
	if err != nil {
		return err
	}
	who := filter{Name: "person", Label: "Person", Value: q.value("person"), Options: []option{{"", "Anybody"}}}
	for _, p := range people {
		who.Options = append(who.Options, option{string(p.ID), p.Name + " (" + string(p.Role) + ")"})
	}
	if who.Value != "" && !slices.ContainsFunc(who.Options, func(o option) bool { return o.Value == who.Value }) {
		who.Options = append(who.Options, option{who.Value, who.Value}) // a credential, or who sat at the terminal
	}
	of := q.text("of", "Done to")
	query := desk.Query{Parent: desk.ID(of.Value), Where: where(map[string]string{"person": "person"}, who)}
	page, err := rowsOf[desk.Act](q, query, who, of)
	if err != nil {
		return err
	}
	return q.show("audit", "Audit log", listed[actLine]{Filters: page.Filters, Rows: actLines(page.Rows), Older: page.Older, Deep: page.Deep})
}
