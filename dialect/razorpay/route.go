package razorpay

import (
	"net/http"
	"strings"

	"wapas/desk"
)

// A node is a place in the tree of paths. Clients write paths loosely (slashes
// twice, slashes at the end) and must never be redirected, so paths are taken
// apart here and not by net/http.
type node struct {
	parts map[string]*node // by the literal part that comes next
	id    *node            // any other part, which is an id
	name  string           // of that id, on the node it leads to
	by    map[string]route // by method; empty if no route ends here
}

// add puts a route into the tree.
func (n *node) add(t route) {
	for _, part := range split(t.path) {
		if name, ok := idName(part); ok {
			if n.id == nil {
				n.id = &node{name: name}
			}
			n = n.id
			continue
		}
		if n.parts == nil {
			n.parts = make(map[string]*node)
		}
		if n.parts[part] == nil {
			n.parts[part] = &node{}
		}
		n = n.parts[part]
	}
	if n.by == nil {
		n.by = make(map[string]route)
	}
	n.by[t.method] = t
}

// find is the node that a path ends on, with the ids it met on the way, or
// nil.
func (n *node) find(parts []string, ids map[string]string) *node {
	if len(parts) == 0 {
		if n.by == nil {
			return nil
		}
		return n
	}
	if next := n.parts[parts[0]]; next != nil {
		if found := next.find(parts[1:], ids); found != nil {
			return found
		}
	}
	if n.id == nil {
		return nil
	}
	found := n.id.find(parts[1:], ids)
	if found != nil {
		ids[n.id.name] = parts[0]
	}
	return found
}

// idName is the name in a part of a route that stands for an id: pay of {pay}.
func idName(part string) (string, bool) {
	if len(part) > 2 && part[0] == '{' {
		return part[1 : len(part)-1], true
	}
	return "", false
}

// split takes a path apart, leaving out what is empty.
func split(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// ServeHTTP refuses in this order: a path that no route has, a method that its
// path has not, the credentials, the account asked for, the ids in the path;
// then the handler reads the query and the body and asks the desk.
func (r *room) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	q := &request{Request: hr, room: r, w: w, ids: make(map[string]string, 2)}
	if w.Header().Get("X-Request-Id") == "" {
		w.Header().Set("X-Request-Id", desk.Letters(20))
	}
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			q.panicked(p)
		}
	}()
	answer, err := r.serve(q)
	if err != nil {
		q.fail(err)
		return
	}
	q.write(answer)
}

func (r *room) serve(q *request) (any, error) {
	n := r.tree.find(split(q.URL.Path), q.ids)
	if n == nil {
		return nil, errNoRoute
	}
	method := q.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	t, ok := n.by[method]
	if !ok {
		return nil, errWrongMethod
	}
	q.Pattern = t.path // for the log and the metrics
	if err := r.admit(q, t.door); err != nil {
		return nil, err
	}
	for _, part := range split(t.path) {
		if name, ok := idName(part); ok {
			if err := checkID(q.ids[name], name); err != nil {
				if strings.HasPrefix(t.path, "/checkout/") { // a person mistyped an address
					return q.refuseOn(checkout{Merchant: "Checkout"}, err)
				}
				return nil, err
			}
		}
	}
	return t.handle(q)
}
