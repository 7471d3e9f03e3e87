package native

import (
	"strings"

	"wapas/desk"
)

// A refundLink leads a customer to a page that shows how one refund is getting
// on, and nothing else.
type refundLink struct {
	RefundID  desk.ID `json:"refund_id"`
	Path      string  `json:"path" doc:"Behind the server's address."`
	URL       string  `json:"url,omitempty" doc:"The whole address; left out if the server does not know its own."`
	ExpiresAt moment  `json:"expires_at" doc:"By the book's clock."`
}

type newLink struct {
	refundPath
	Life int64 `json:"life,omitempty" min:"3600" max:"31622400" doc:"Seconds that it is good, an hour to 366 days; 90 days if it is not given."`
}

// linkPath is where the pages that links lead to are.
const linkPath = "/r/"

// linkRefund makes a link. A repeat under the same key makes another one, which
// is as good: nothing is kept of them.
func linkRefund(q *request, in newLink) (refundLink, error) {
	l, err := q.desk().LinkTo(q.Context(), q.book(), in.ID, seconds(in.Life))
	if err != nil {
		return refundLink{}, err
	}
	return refundLink{l.Refund, linkPath + l.Token, q.whole(linkPath + l.Token), moment(l.Expires)}, nil
}

// whole is a path with the server's address, as it was told or as the caller
// knows it; empty for a caller in this process, who came by none.
func (q *request) whole(path string) string {
	switch {
	case q.room.cfg.Host != "":
		return strings.TrimSuffix(q.room.cfg.Host, "/") + path
	case q.room.inside != nil:
		return ""
	case q.TLS != nil || q.Header.Get("X-Forwarded-Proto") == "https":
		return "https://" + q.Host + path
	}
	return "http://" + q.Host + path
}
