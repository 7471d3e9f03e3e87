package native

import (
	"net/http"
	"reflect"
	"strings"

	"wapas/desk"
)

// A route is one line of the API and all there is to know of it.
type route struct {
	method, path string // the path below base
	id           string // operationId, and the name of the method in clients
	tag          string // the noun it belongs to
	scope        string // what a credential must be allowed to
	summary      string
	text         string // more than the summary says
	in, out      reflect.Type
	fields       []field // of in
	status       int
	media        []string // of an answer that is a file, instead of JSON
	testOnly     bool     // refused in a live book
	key          keyRule  // of a write
	answer       desk.Kind
	handle       func(q *request, in any) (any, error)
	again        func(q *request, in any, rows []desk.Row) (any, error)
}

// A keyRule says what Idempotency-Key is to a route.
type keyRule uint8

const (
	noKey       keyRule = iota // a read
	optionalKey                // a write
	requiredKey                // a write that moves money
)

// nothing is what a route takes that takes nothing.
type nothing struct{}

// read makes a line for a GET.
func read[In, Out any](path, id, scope, summary string, do func(q *request, in In) (Out, error)) route {
	return route{
		method: http.MethodGet, path: path, id: id, scope: scope, summary: summary, status: http.StatusOK,
		in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](), fields: fieldsOf(reflect.TypeFor[In]()),
		handle: func(q *request, in any) (any, error) { return do(q, in.(In)) },
	}
}

// download makes a line for a GET that answers with a file, in one of some
// media types.
func download[In any](path, id, scope, summary string, media []string, do func(q *request, in In) (file, error)) route {
	t := read(path, id, scope, summary, do)
	t.media = media
	return t
}

// write makes a line for a change that answers with a row. How names a method
// and a path. A repeat under the same key hears the row as it was then.
func write[In any, R desk.Row, Out any](how, id, scope, summary string, do func(q *request, in In) (R, error), show func(q *request, r R) (Out, error)) route {
	var zero R
	t := act(how, id, scope, summary, func(q *request, in In) (out Out, err error) {
		r, err := do(q, in)
		if err != nil {
			return out, err
		}
		return show(q, r)
	}, nil)
	t.answer = zero.Kind()
	// Of several rows of a kind the last one put is the answer: a spend comes
	// after what it was taken from.
	t.again = func(q *request, _ any, rows []desk.Row) (any, error) { return show(q, rows[len(rows)-1].(R)) }
	return t
}

// act makes a line for a change that answers with something else. A repeat
// under the same key hears what again says; without one, what is so now.
func act[In, Out any](how, id, scope, summary string, do, again func(q *request, in In) (Out, error)) route {
	method, path, _ := strings.Cut(how, " ")
	t := read(path, id, scope, summary, do)
	t.method, t.key = method, optionalKey
	t.again = func(q *request, in any, _ []desk.Row) (any, error) { return again(q, in.(In)) }
	return t
}

// money says that a write moves money: it needs an Idempotency-Key.
func (t route) money() route { t.key = requiredKey; return t }

// created says that it makes something.
func (t route) created() route { t.status = http.StatusCreated; return t }

// sandbox says that it exists in test books only.
func (t route) sandbox() route { t.testOnly = true; return t }

// says adds to the summary.
func (t route) says(text string) route { t.text = text; return t }

// under gives lines the noun they belong to.
func under(tag string, all ...route) []route {
	for i := range all {
		all[i].tag = tag
	}
	return all
}

// writes says whether a line changes something.
func (t *route) writes() bool { return t.key != noKey }

// body says whether a line takes a body.
func (t *route) body() bool {
	for _, f := range t.fields {
		if f.place == inBody {
			return true
		}
	}
	return false
}
