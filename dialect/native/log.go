package native

import (
	"slices"

	"wapas/desk"
)

// A call is a request that came in, masked.
type call struct {
	ID        desk.ID `json:"id" doc:"req_ and more: it sorts by time."`
	Request   string  `json:"request_id" doc:"What the answer's X-Request-Id said."`
	Room      string  `json:"room" doc:"Which API it was of." eg:"razorpay"`
	Method    string  `json:"method" eg:"POST"`
	Path      string  `json:"path" doc:"With its query; numbers that may be somebody's are masked." eg:"/v1/payments/pay_29QQoUBi66xm2f/refund"`
	Status    int64   `json:"status" doc:"Of the answer." eg:"200"`
	Took      int64   `json:"took_us" doc:"Microseconds."`
	Caller    string  `json:"caller" doc:"The name of the credential that was shown."`
	About     string  `json:"about,omitempty" doc:"The id in the answer, or else in the path."`
	Reference string  `json:"reference,omitempty" doc:"The other id in the path, or what the caller calls it."`
	Kind      string  `json:"content_type,omitempty" doc:"Of the request."`
	Body      string  `json:"body,omitempty" doc:"What was sent, masked, 8 KB at most. Not in lists."`
	Answer    string  `json:"answer,omitempty" doc:"What was answered, masked, 8 KB at most. Not in lists."`
	At        moment  `json:"at" doc:"By the clock on the wall."`
}

func wireCall(r desk.RequestRow) call {
	return call{r.ID, r.Request, r.Room, r.Method, r.Path, r.Status, r.Took.Microseconds(), r.Caller, string(r.About), r.Ref, r.ContentType, r.Body, r.Answer, moment(r.At)}
}

// An auditLine is what somebody did by hand.
type auditLine struct {
	ID     desk.ID `json:"id" doc:"act_ and 14 characters."`
	By     string  `json:"by" doc:"A person's id, the name of a credential, or cli: and a user of the machine."`
	Name   string  `json:"name" doc:"What people call them."`
	What   string  `json:"what" doc:"What was done." eg:"native.closeException"`
	About  desk.ID `json:"about,omitempty" doc:"To what: an id, or the name of a credential."`
	Detail string  `json:"detail,omitempty" doc:"JSON, without personal data."`
	From   string  `json:"from,omitempty" doc:"The address it was done from."`
	At     moment  `json:"at"`
}

func wireAct(a desk.Act) auditLine {
	return auditLine{a.ID, a.By, a.Name, a.What, a.Of, a.Detail, a.From, moment(a.At)}
}

func logRoutes() []route {
	return under("Log",
		read("/requests", "listRequests", adminScope, "List the calls that came in", listCalls).
			says("Newest first, of every API. How many are kept, and for how long, is the server's --request-log; what comes faster than fifty a second is not kept."),
		read("/requests/{request_id}", "getRequest", adminScope, "Read a call and its answer, masked", getCall),
		read("/audit", "listAudit", moneyRead, "List what was done by hand, and by whom", listActs).
			says("Newest first. A line is written in the change that it tells of, and is never changed."),
	)
}

type callFilter struct {
	listing
	Room  string `query:"room" len:"32" doc:"Only calls of this API."`
	About string `query:"about" len:"64" doc:"Only those about this: an id, or the caller's own name for it."`
	Class int64  `query:"class" min:"2" max:"5" doc:"Only answers with such a status: 4 is 400 to 499."`
}

func listCalls(q *request, in callFilter) (page[call], error) {
	p, err := q.query(in.listing)
	if err != nil {
		return page[call]{}, err
	}
	rows, err := q.desk().Requests(q.Context(), desk.RequestQuery{
		Book: q.book(), Room: in.Room, About: desk.ID(in.About), Class: in.Class, Before: desk.ID(p.After), Count: p.Count,
	})
	if err != nil {
		return page[call]{}, err
	}
	return paged(q, p, rows, func(r desk.RequestRow) string { return string(r.ID) }, func(r desk.RequestRow) call {
		r.Body, r.Answer = "", ""
		return wireCall(r)
	}), nil
}

type callPath struct {
	ID string `path:"request_id" doc:"The id of the line, or what X-Request-Id said."`
}

func getCall(q *request, in callPath) (call, error) {
	r, err := q.desk().Request(q.Context(), q.book(), in.ID)
	return wireCall(r), err
}

type actFilter struct {
	listing
	About string `query:"about" len:"128" doc:"Only what was done to this."`
	By    string `query:"by" len:"128" doc:"Only what this one did."`
}

func listActs(q *request, in actFilter) (page[auditLine], error) {
	return list(q, in.listing, func(p *desk.Query) {
		p.Parent = desk.ID(in.About)
		if in.By != "" {
			p.Where = map[string]string{"person": in.By}
		}
	}, wireAct)
}

// byHand are the scopes of what is done seldom and by somebody who must answer
// for it: the books say which credential it was. Refunds, credits and customers
// have a row of their own for each call, and no act.
var byHand = []string{moneyWrite, railWrite, eventWrite, adminScope}

// acting has the credential written down for what is done by hand, unless
// somebody is already.
func (q *request) acting() {
	if !q.route.writes() || !slices.Contains(byHand, q.route.scope) || desk.Watched(q.Context()) {
		return
	}
	ctx := desk.As(q.Context(), desk.Actor{By: q.caller.Name, Name: q.person(), What: "native." + q.route.id})
	q.Request = q.WithContext(ctx)
}
