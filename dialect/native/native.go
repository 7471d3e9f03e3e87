// Package native is the room that speaks our own API, /api/v1: what the console,
// the command line and other programs use to say what the vendors' APIs cannot.
//
// There is one table of routes (the functions named …Routes). From a line of it
// come the routing, the reading and checking of its requests (bind.go), the
// OpenAPI document at /openapi.json (openapi.go) and the page at /docs
// (docs.go), so that none of them can say what another does not. What the
// business does the room leaves to the desk.
package native

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"wapas/desk"
	"wapas/webhook"
)

// Room is this room's name in the register of credentials.
const Room = "native"

// A Config is what an operator may choose about the room. The zero Config
// works.
type Config struct {
	// Version of the program, for the document.
	Version string
	// Host is what callers know this server by, such as https://refunds.example.in;
	// without it, what they called it by.
	Host string
	// Heralds put events in the words of their rooms, for those who listen.
	Heralds []webhook.Herald
}

// New speaks the native API at the desk: /api/v1/…, /openapi.json and /docs.
func New(d *desk.Desk, cfg Config) http.Handler {
	return newRoom(d, cfg)
}

func newRoom(d *desk.Desk, cfg Config) *room {
	r := &room{desk: d, cfg: cfg, routes: routes()}
	for i := range r.routes {
		r.tree.add(&r.routes[i])
	}
	r.openapi = sync.OnceValue(func() []byte { return document(r.routes, cfg.Version) })
	r.docs = sync.OnceValue(func() docs { return docsPage(r.routes) })
	return r
}

// A room holds no state but what New works out from the routes.
type room struct {
	desk    *desk.Desk
	cfg     Config
	routes  []route
	tree    node
	openapi func() []byte // written when it is first asked for
	docs    func() docs
	inside  *desk.Caller // who everybody is: see Inside
}

// Routes are all that the room answers, each a method, a blank and a path, for
// who must not forget one.
func (r *room) Routes() (all []string) {
	for _, t := range r.routes {
		all = append(all, t.method+" "+base+t.path)
	}
	return append(all, "GET /openapi.json", "GET /docs")
}

// base is where the API begins.
const base = "/api/v1"

// routes are all that this room answers, in the order of its documents.
func routes() []route {
	return slices.Concat(
		merchantRoutes(), refundRoutes(), bulkRoutes(), jobRoutes(), customerRoutes(), creditRoutes(), agentRoutes(),
		waitingRoutes(), exceptionRoutes(), bookRoutes(), exportRoutes(), eventRoutes(), endpointRoutes(),
		operatorRoutes(), sandboxRoutes(), credentialRoutes(), logRoutes(),
	)
}

// A node is a place in the tree of paths.
type node struct {
	parts map[string]*node // by the literal part that comes next
	any   *node            // any other part
	name  string           // of that part, on the node it leads to
	by    map[string]*route
}

func (n *node) add(t *route) {
	for part := range strings.SplitSeq(strings.TrimPrefix(t.path, "/"), "/") {
		if name, ok := placeholder(part); ok {
			if n.any == nil {
				n.any = &node{name: name}
			}
			n = n.any
			continue
		}
		if n.parts == nil {
			n.parts = map[string]*node{}
		}
		if n.parts[part] == nil {
			n.parts[part] = &node{}
		}
		n = n.parts[part]
	}
	if n.by == nil {
		n.by = map[string]*route{}
	}
	n.by[t.method] = t
}

// find is the node that a path ends on, with the parts it met on the way, or
// nil. Literal parts win.
func (n *node) find(parts []string, met map[string]string) *node {
	if len(parts) == 0 {
		if n.by == nil {
			return nil
		}
		return n
	}
	if next := n.parts[parts[0]]; next != nil {
		if found := next.find(parts[1:], met); found != nil {
			return found
		}
	}
	if n.any == nil {
		return nil
	}
	found := n.any.find(parts[1:], met)
	if found != nil {
		met[n.any.name] = parts[0]
	}
	return found
}

// at is the node that an address ends on, or nil. A part of it may hold a slash,
// written %2F.
func (n *node) at(u *url.URL, met map[string]string) *node {
	path, ok := strings.CutPrefix(u.EscapedPath(), base+"/")
	if !ok {
		return nil
	}
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for i, part := range parts {
		var err error
		if parts[i], err = url.PathUnescape(part); err != nil {
			return nil
		}
	}
	return n.find(parts, met)
}

// placeholder is the name in a part of a path that stands for anything:
// refund_id of {refund_id}.
func placeholder(part string) (string, bool) {
	if len(part) > 2 && part[0] == '{' {
		return part[1 : len(part)-1], true
	}
	return "", false
}

// methods are those that a path has, for Allow.
func (n *node) methods() string {
	var all []string
	for m := range n.by {
		all = append(all, m)
		if m == http.MethodGet {
			all = append(all, http.MethodHead)
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
