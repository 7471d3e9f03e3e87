package phonepe

import (
	"net/http"
	"strings"
)

// address reads the address of a page or a server: http or https, with a host.
func (s sheet) address(name string) string {
	v := s.text(name, maxURL)
	if v != "" && !isPage(v) {
		s.refuse(name, whyRedirect, "")
	}
	return v
}

// callback reads where and how the end of a thing is to be told: the headers
// of generation 1, which win over what the endpoint on file says.
func (q *request) callback(s sheet, m *memo) {
	if to := q.Header.Get("X-Callback-Url"); to != "" {
		if len(to) > maxURL || !isPage(to) {
			s.refuse("X-CALLBACK-URL", whyRedirect, "")
		}
		m.Callback = to
	}
	mode := q.Header.Get("X-Call-Mode")
	if mode == "" {
		mode = q.Header.Get("X-Callback-Mode")
	}
	switch m.Mode = strings.ToUpper(mode); m.Mode {
	case "", http.MethodPost, http.MethodPut:
	default:
		s.refuse("X-CALL-MODE", whyChoice, "")
	}
	if to := q.Header.Get("X-Redirect-Url"); to != "" {
		if len(to) > maxURL || !isPage(to) {
			s.refuse("X-REDIRECT-URL", whyRedirect, "")
		}
		m.Redirect = to
	}
	if how := strings.ToUpper(q.Header.Get("X-Redirect-Mode")); how != "" {
		m.How = how
	}
}
