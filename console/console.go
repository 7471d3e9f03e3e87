// Package console is the room that speaks HTML: what support, finance and
// operators look at, and what they do by hand. It is one more caller of the
// desk. Pages are rendered here from embedded templates, work without a script,
// and ask for nothing from anywhere else.
//
// There is one table of pages (the functions named …Pages). A line of it says
// where a page is, what right it takes, and what shows it. Every page but the
// door and a customer's own is of a book, and its address says of which one:
// /console/test/refunds.
package console

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"wapas/desk"
	"wapas/dialect"
)

// Base is where the console is served.
const Base = "/console"

// A Config is what an operator may choose about the console. The zero Config
// works.
type Config struct {
	Log     *slog.Logger
	Version string
	// Secure says that people reach the console over HTTPS, so that the cookie
	// may travel no other way.
	Secure bool
	// Demo, if it is not empty, is said at the door: how to get in to the demo.
	Demo string
	// Host is what people and programs know this server by, such as
	// https://refunds.example.in; without it, what they called it by.
	Host string
	// Keys are the sorts of credentials that rooms give out.
	Keys []dialect.KeyKind
	// Ping sends an endpoint an event that never happened, and says what came
	// back; nil if this server sends nothing.
	Ping func(ctx context.Context, book desk.BookID, endpoint desk.ID) (desk.Attempt, error)
}

// New shows the books of the desk. It is served below Base.
func New(d *desk.Desk, cfg Config) http.Handler {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := furniture()
	r := &room{desk: d, cfg: cfg, assets: s.assets, templates: s.templates, pages: pages()}
	mux := http.NewServeMux()
	for at, do := range r.doors() {
		mux.HandleFunc(at, do)
	}
	mux.HandleFunc("/", r.lost)
	return guard(mux)
}

// doors are all that the console answers, each by its method, a blank and its path
// below Base.
func (r *room) doors() map[string]http.HandlerFunc {
	all := map[string]http.HandlerFunc{
		"GET /assets/{hash}/{name}": r.assets.ServeHTTP,
		"GET /login":                r.door,
		"POST /login":               r.enter,
		"POST /logout":              r.leave,
		"POST /look":                r.look,
		"GET /{$}":                  r.home,
	}
	for i := range r.pages {
		p := &r.pages[i]
		method, path, _ := strings.Cut(p.at, " ")
		for _, mode := range modes {
			all[method+" /"+string(mode)+path] = r.page(p, mode)
		}
	}
	return all
}

// Routes are what the console answers, for who must not forget one: see doors.
func Routes() (all []string) {
	for at := range (&room{pages: pages()}).doors() {
		all = append(all, strings.TrimSuffix(at, "{$}"))
	}
	slices.Sort(all)
	return all
}

var modes = []desk.Mode{desk.Test, desk.Live}

// A room holds no state but what New works out.
type room struct {
	desk      *desk.Desk
	cfg       Config
	pages     []page
	templates templates
	assets    *assets
}

// A page is one line of the console: a method and a path below the book's, the
// right that it takes, and what shows it. Of a POST the handler either changes
// something and sends the person on, or shows what was wrong.
type page struct {
	at    string // "GET /refunds/{id}"
	right desk.Right
	test  bool // only of a test book
	show  func(q *visit) error
}

// pages are all there are, in the order of the menu.
func pages() []page {
	return slices.Concat(overviewPages(), bookPages(), refundPages(), findPages(), paymentPages(), transferPages(), payoutPages(), sandboxPages(), settingsPages(), linkPages(), customerPages(), memberPages(), agentPages(), linkedPages(), waitingPages(), jobPages(), webhookPages(), eventPages(), requestPages())
}

// guard bounds what a page may do in a browser, and refuses what another site
// made a browser send.
func guard(h http.Handler) http.Handler {
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	h = http.NewCrossOriginProtection().Handler(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy", policy)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("X-Frame-Options", "DENY")
		head.Set("Referrer-Policy", "same-origin")
		head.Set("Cross-Origin-Opener-Policy", "same-origin")
		head.Set("Cache-Control", "no-store")
		h.ServeHTTP(w, r)
	})
}
