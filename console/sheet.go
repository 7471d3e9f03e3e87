package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"path"
	"strings"
	"sync"

	"wapas/desk"
	"wapas/ledger"
	"wapas/mask"
)

//go:embed all:templates
var templateFiles embed.FS

// templates are the pages, each with the layout and the parts.
type templates map[string]*template.Template

// furniture is what every console has in common: files of the program, read the
// first time.
var furniture = sync.OnceValue(func() (s struct {
	assets    *assets
	templates templates
}) {
	s.assets = readAssets()
	s.templates = readTemplates(s.assets)
	return s
})

// readTemplates reads them. Files that begin with an underscore are the layout
// and parts that pages share.
func readTemplates(a *assets) templates {
	shared := template.New("").Funcs(words).Funcs(template.FuncMap{"asset": a.address})
	shared = template.Must(shared.ParseFS(templateFiles, "templates/_*.html"))
	all := templates{}
	names, err := fs.Glob(templateFiles, "templates/[a-z]*.html")
	if err != nil {
		panic(err) // the pattern is known
	}
	for _, file := range names {
		t := template.Must(template.Must(shared.Clone()).ParseFS(templateFiles, file))
		all[strings.TrimSuffix(path.Base(file), ".html")] = t
	}
	return all
}

// render writes a page whole, or not at all.
func (t templates) render(name string, s *sheet) ([]byte, error) {
	page := t[name]
	if page == nil {
		return nil, fmt.Errorf("there is no page %q", name)
	}
	var out bytes.Buffer
	if err := page.ExecuteTemplate(&out, "layout", s); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return out.Bytes(), nil
}

// A sheet is what a page is rendered from: what the handler found, Data, and
// what every page can ask for. In templates it is the $.
type sheet struct {
	q       *visit
	Name    string // of the template
	Title   string
	Data    any
	Problem *problem // what was wrong with what was sent
	Said    string   // what was done a moment ago
}

// Known says whether somebody is signed in.
func (s *sheet) Known() bool { return s.q.person.ID != "" }

func (s *sheet) Person() desk.Person { return s.q.person }
func (s *sheet) Book() desk.Book     { return s.q.book }
func (s *sheet) Mode() string        { return string(s.q.book.Mode) }
func (s *sheet) Test() bool          { return s.q.book.Mode == desk.Test }
func (s *sheet) Version() string     { return s.q.room.cfg.Version }

// May says whether the person's role has a right, by its name.
func (s *sheet) May(right string) bool { return s.q.person.May(desk.Right(right)) }

// Here is this page's address, for going back to it.
func (s *sheet) Here() string { return Base + s.q.URL.RequestURI() }

// Look is light, dark, or empty for what the machine says.
func (s *sheet) Look() string {
	if c, err := s.q.Cookie(lookCookie); err == nil && (c.Value == "light" || c.Value == "dark") {
		return c.Value
	}
	return ""
}

// To is an address below the book's, from its parts: To "refunds" .ID "new".
func (s *sheet) To(parts ...any) string {
	var b strings.Builder
	b.WriteString(Base + "/" + string(s.q.book.Mode))
	for _, p := range parts {
		for part := range strings.SplitSeq(strings.Trim(fmt.Sprint(p), "/"), "/") {
			b.WriteString("/" + url.PathEscape(part))
		}
	}
	if len(parts) == 0 {
		b.WriteString("/")
	}
	return b.String()
}

// Other is this person's other book.
func (s *sheet) Other() string {
	if s.Test() {
		return Base + "/live/"
	}
	return Base + "/test/"
}

// With is this page's address with some of its query replaced: With "after" .ID.
// An empty value takes a part away.
func (s *sheet) With(pairs ...any) string {
	v := url.Values{}
	for k, old := range s.q.URL.Query() {
		v[k] = old
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		k, val := fmt.Sprint(pairs[i]), fmt.Sprint(pairs[i+1])
		if v.Del(k); val != "" {
			v.Set(k, val)
		}
	}
	if len(v) == 0 {
		return Base + s.q.URL.EscapedPath()
	}
	return Base + s.q.URL.EscapedPath() + "?" + v.Encode()
}

// Val is what was sent or asked for under a name: what a form is filled with.
func (s *sheet) Val(name string) string { return s.q.FormValue(name) }

// Wrong says what was wrong with a field of the form that was sent.
func (s *sheet) Wrong(field string) string {
	if s.Problem != nil && s.Problem.Field == field {
		return s.Problem.Detail
	}
	return ""
}

// Key is a new key for a form that does something once.
func (s *sheet) Key() string {
	if s.Problem != nil && s.Problem.Status != 409 && s.q.FormValue("key") != "" {
		return s.q.FormValue("key") // nothing was done under it
	}
	return desk.Letters(20)
}

// places are where things are shown, by the prefix of their ids.
var places = map[string]string{
	"rfnd": "refunds", "pay": "payments", "order": "orders", "cust": "customers", "trf": "transfers", "rvrsl": "reversals",
	"pout": "payouts", "setl": "settlements", "setlod": "settlements", "acc": "accounts", "iuser": "members", "ientxn": "credits",
	"agt": "agents", "rmt": "remittances", "exc": "waiting", "job": "jobs", "prop": "waiting/approvals",
}

// Link is a thing's id with the way to its page, if it has one.
func (s *sheet) Link(id any) template.HTML {
	text := fmt.Sprint(id)
	if text == "" {
		return `<span class="none">–</span>`
	}
	shown := `<code>` + template.HTML(template.HTMLEscapeString(text)) + `</code>`
	if to, ok := s.place(desk.ID(text)); ok {
		return `<a class="id" href="` + template.HTML(template.HTMLEscapeString(to)) + `">` + shown + `</a>`
	}
	return shown
}

// place is where a thing is shown, if any page does.
func (s *sheet) place(id desk.ID) (string, bool) {
	dir, ok := places[id.Prefix()]
	if !ok || !s.q.room.shows("GET /"+dir+"/{id}") {
		return "", false
	}
	return s.To(dir, id), true
}

// shows says whether the console has a page.
func (r *room) shows(at string) bool {
	for i := range r.pages {
		if r.pages[i].at == at {
			return true
		}
	}
	return false
}

// A menu is one part of the navigation.
type menu struct {
	Name  string
	Items []menuItem
}

type menuItem struct {
	Name, To, Key string // Key follows g on the keyboard
	Here          bool
}

// Menu is what this person can go to.
func (s *sheet) Menu() []menu {
	all := []struct {
		name  string
		items [][3]string
	}{
		{"", [][3]string{{"Overview", "/", "o"}}},
		{"Money", [][3]string{{"Refunds", "/refunds", "r"}, {"Payments", "/payments", "p"}, {"Customers", "/customers", "c"}, {"Transfers", "/transfers", "t"}, {"Payouts", "/payouts", "y"}, {"Books", "/books", "b"}}},
		{"Work", [][3]string{{"Waiting", "/waiting", "w"}, {"Jobs", "/jobs", "j"}}},
		{"Integration", [][3]string{{"Webhooks", "/webhooks", "h"}, {"Events", "/events", "e"}, {"Requests", "/requests", "q"}, {"Sandbox", "/sandbox", "s"}}},
		{"Settings", [][3]string{{"Keys", "/settings/keys", "k"}, {"Terms", "/settings/terms", "m"}, {"People", "/settings/people", "u"}, {"Audit log", "/settings/audit", "a"}}},
	}
	var out []menu
	for _, m := range all {
		part := menu{Name: m.name}
		for _, i := range m.items {
			p := s.pageAt("GET " + strings.TrimSuffix(i[1], "/") + map[bool]string{true: "/{$}"}[i[1] == "/"])
			if p == nil || !s.q.person.May(p.right) || p.test && !s.Test() {
				continue
			}
			to := s.To(i[1])
			if i[1] == "/" {
				to = s.To()
			}
			here := s.q.URL.Path == strings.TrimPrefix(to, Base) || i[1] != "/" && s.below(append(within[i[1]], i[1])...)
			part.Items = append(part.Items, menuItem{Name: i[0], To: to, Key: i[2], Here: here})
		}
		if len(part.Items) > 0 {
			out = append(out, part)
		}
	}
	return out
}

// within are places that have no line of their own in the menu, by the line
// that leads to them.
var within = map[string][]string{
	"/customers": {"/members", "/credits", "/agents", "/remittances", "/accounts", "/settlements"},
}

// below says whether this page is at one of some paths, or below it.
func (s *sheet) below(paths ...string) bool {
	for _, p := range paths {
		if at := strings.TrimPrefix(s.To(p), Base); s.q.URL.Path == at || strings.HasPrefix(s.q.URL.Path, at+"/") {
			return true
		}
	}
	return false
}

func (s *sheet) pageAt(at string) *page {
	for i := range s.q.room.pages {
		if s.q.room.pages[i].at == at {
			return &s.q.room.pages[i]
		}
	}
	return nil
}

// SeesPII says whether names, numbers and addresses are shown whole.
func (s *sheet) SeesPII() bool { return s.q.person.May(desk.RightSeePII) }

// Contact is a phone number, an e-mail address, a VPA or an account number as
// this person may see it.
func (s *sheet) Contact(text string) string {
	if s.SeesPII() || text == "" {
		return text
	}
	return masked(text)
}

// Written is what somebody wrote of their own accord, such as a note: who may not
// see people's data sees it without what may be somebody's.
func (s *sheet) Written(text string) string { return s.q.written(text) }

func (q *visit) written(text string) string {
	if q.person.May(desk.RightSeePII) {
		return text
	}
	return mask.Line(text, 2000)
}

// masked leaves so much of a text that somebody who knows it knows it again: the
// last four letters, or of an address the first and the domain.
func masked(text string) string {
	if name, domain, ok := strings.Cut(text, "@"); ok {
		if name == "" {
			return "•••@" + domain
		}
		r := []rune(name)
		return string(r[:1]) + "•••@" + domain
	}
	r := []rune(text)
	if len(r) <= 4 {
		return "••••"
	}
	return strings.Repeat("•", min(6, len(r)-4)) + string(r[len(r)-4:])
}

// Now is the moment of the book's own time.
func (s *sheet) Now() ledger.Time { return s.q.book.Clock.Now(ledger.At(s.q.desk().Now())) }
