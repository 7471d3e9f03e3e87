package server

import (
	_ "embed"
	"html/template"
	"net/http"
	"strings"
)

//go:embed index.html
var indexPage string

// index is what a person sees who opens the server in a browser, and a text of
// the same for a terminal.
func index(rooms []room, v Version) http.Handler {
	page := template.Must(template.New("index").Parse(indexPage))
	type line struct{ Name, Speaks, Paths string }
	var lines []line
	for _, r := range rooms {
		lines = append(lines, line{r.name, r.speaks, strings.Join(r.roots, ", ")})
	}
	data := struct {
		Version Version
		Rooms   []line
		Pages   []line
	}{v, lines, []line{
		{"/console", "the console: where the money can be seen", ""},
		{"/docs", "our own API, to read", ""},
		{"/openapi.json", "the same for programs: OpenAPI 3.1", ""},
		{"/healthz", "the process is alive", ""},
		{"/readyz", "requests may be sent here; if not, why not", ""},
		{"/metrics", "Prometheus metrics", ""},
		{"/version", "what is running", ""},
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Accept"), "text/html") {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
			page.Execute(w, data) // the caller has gone if this fails
			return
		}
		var b strings.Builder
		b.WriteString("wapas " + v.Version + ": a wallet and refund server\n\n")
		for _, l := range data.Rooms {
			b.WriteString(l.Speaks + ": at " + l.Paths + ", and everything again under /" + l.Name + "\n")
		}
		b.WriteByte('\n')
		for _, l := range data.Pages {
			b.WriteString(l.Name + "\t" + l.Speaks + "\n")
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Write([]byte(b.String()))
	})
}
