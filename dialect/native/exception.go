package native

import "wapas/desk"

// An exception is put before a person.
type exception struct {
	ID        desk.ID `json:"id" doc:"exc_ and 14 characters."`
	What      string  `json:"what" eg:"outcome_unknown"`
	Subject   desk.ID `json:"subject" doc:"What it is about."`
	Detail    string  `json:"detail" doc:"In words."`
	CreatedAt moment  `json:"created_at"`
	ClosedAt  moment  `json:"closed_at,omitempty" doc:"When it was dealt with."`
}

func wireException(e desk.Exception) exception {
	return exception{e.ID, e.What, e.Subject, e.Detail, moment(e.CreatedAt), moment(e.ClosedAt)}
}

func showException(_ *request, e desk.Exception) (exception, error) { return wireException(e), nil }

func exceptionRoutes() []route {
	return under("Exceptions",
		read("/exceptions", "listExceptions", railRead, "List what a person must look at", listExceptions).says("Oldest first: those that are open, unless a subject or all is asked for."),
		read("/exceptions/{exception_id}", "getException", railRead, "Read an exception", getException),
		write("POST /exceptions/{exception_id}/close", "closeException", railWrite, "Say that an exception was dealt with", closeException, showException),
	)
}

type exceptionFilter struct {
	listing
	Subject desk.ID `query:"subject" form:"id" doc:"Only those about this, closed ones too."`
	All     bool    `query:"all" doc:"Closed ones too."`
}

func listExceptions(q *request, in exceptionFilter) (page[exception], error) {
	return list(q, in.listing, func(p *desk.Query) {
		p.Oldest, p.Parent = true, in.Subject
		if in.Subject == "" && !in.All {
			p.Where = map[string]string{"closed_at": "0"}
		}
	}, wireException)
}

type exceptionPath struct {
	ID desk.ID `path:"exception_id" form:"id" doc:"The exception's id."`
}

func getException(q *request, in exceptionPath) (exception, error) {
	e, err := desk.Find[desk.Exception](q.Context(), q.desk(), q.book(), in.ID)
	return wireException(e), err
}

func closeException(q *request, in exceptionPath) (desk.Exception, error) {
	return q.desk().CloseException(q.Context(), q.book(), in.ID)
}
