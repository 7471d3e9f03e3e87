// Package server is the one page that says what this program answers: each
// room at its vendor's own paths and under its name, health, metrics, and a
// page for people who open it in a browser. It bounds what a request may cost,
// logs it, and stops without dropping what is under way. It knows no money.
package server

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"wapas/console"
	"wapas/desk"
	"wapas/dialect/eko"
	"wapas/dialect/engage"
	"wapas/dialect/native"
	"wapas/dialect/phonepe"
	"wapas/dialect/razorpay"
	"wapas/webhook"
)

// A room is a vendor's API: its name, where its vendor serves it, and what
// answers. Everything is also answered under the name as a prefix.
type room struct {
	name    string
	speaks  string
	roots   []string // the first segments of the vendor's own paths
	handler http.Handler
}

// Routes is everything this server answers. Of the rooms that claim a path, the
// one that says most of it has it; a path nobody claims is the first room's to
// refuse, in its vendor's words.
// Draining says that the server was told to stop.
func Routes(d *desk.Desk, cfg Config, draining *atomic.Bool) http.Handler {
	rooms := []room{
		{"razorpay", "Razorpay Wallet and Route", []string{"/v1", "/v2", "/checkout"}, razorpay.New(d, cfg.Razorpay)},
		{"engage", "Razorpay Engage credits", []string{"/issuinghq", "/token"}, engage.New(d, engage.Config{})},
		{"phonepe", "PhonePe payments and refunds", phonepe.Roots, phonepe.New(d, cfg.PhonePe)},
		{"eko", "Eko remittances and refunds", []string{"/ekoapi", "/ekoicici"}, eko.New(d, cfg.Eko)},
		{"native", "our own API", []string{"/api", "/openapi.json", "/docs"}, native.New(d, native.Config{Version: cfg.Version.Version, Host: cfg.Console.Host, Heralds: Heralds()})},
	}
	m := newMetrics(cfg.Version, cfg.Metrics)
	own := map[string]http.Handler{
		"/":        index(rooms, cfg.Version),
		"/healthz": alive(),
		"/livez":   alive(),
		"/readyz":  ready(d.Store, draining, cfg.Ready),
		"/metrics": m.handler(),
		"/version": version(cfg.Version),
	}
	cfg.Console.Keys = Keys()
	pages := []room{
		{name: "console", handler: console.New(d, cfg.Console)},
		{name: "r", handler: console.Customers(d, cfg.Console)},
	}
	return cfg.wrap(m, split(own, pages, rooms))
}

// split sends a request to whoever's it is. It is not an http.ServeMux, because
// that answers a double slash with a redirect, and clients of these APIs send
// double slashes, in POSTs as well.
func split(own map[string]http.Handler, pages, rooms []room) http.Handler {
	named := slices.Concat(pages, rooms)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := squeeze(r.URL.Path)
		if h, ok := own[path]; ok {
			get(path, h).ServeHTTP(w, r)
			return
		}
		for _, room := range named {
			if under(path, "/"+room.name) {
				enter(r, room)
				without(room.name, room.handler).ServeHTTP(w, r)
				return
			}
		}
		room := owner(rooms, path)
		enter(r, room)
		room.handler.ServeHTTP(w, r)
	})
}

// A visit is which room a request came to, for the log and the metrics, and what
// becomes known of its caller.
type visit struct {
	desk.Visit
	room string
}

type visitKey struct{}

func enter(r *http.Request, to room) {
	if v, ok := r.Context().Value(visitKey{}).(*visit); ok {
		v.room = to.name
	}
}

// owner is the room with the longest root that path lies under; the first room
// if there is none.
func owner(rooms []room, path string) room {
	best, length := rooms[0], 0
	for _, room := range rooms {
		for _, root := range room.roots {
			if len(root) > length && under(path, root) {
				best, length = room, len(root)
			}
		}
	}
	return best
}

// without takes the room's name off the front of the path.
func without(name string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner := *r
		u := *r.URL
		u.Path = cut(u.Path, name)
		if u.RawPath != "" {
			u.RawPath = cut(u.RawPath, name)
		}
		inner.URL = &u
		h.ServeHTTP(w, &inner)
		r.Pattern = inner.Pattern // for the log and the metrics
	})
}

func cut(path, name string) string {
	return "/" + strings.TrimPrefix(strings.TrimPrefix(strings.TrimLeft(path, "/"), name), "/")
}

// get lets only GET and HEAD through to one of the server's own pages.
func get(pattern string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Pattern = pattern
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD here", http.StatusMethodNotAllowed)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// under says whether path is root or lies below it.
func under(path, root string) bool {
	return strings.HasPrefix(path, root) && (len(path) == len(root) || path[len(root)] == '/')
}

// squeeze makes runs of slashes one.
func squeeze(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}

// Heralds speak for the rooms that announce things, the first room's first.
func Heralds() []webhook.Herald {
	return []webhook.Herald{razorpay.Herald{}, phonepe.Herald{}, eko.Herald{}}
}
