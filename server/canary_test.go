package server_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"wapas/client"
	"wapas/console"
	"wapas/desk"
	"wapas/dialecttest"
	"wapas/server"
	"wapas/sms"
)

// personal are the phones, e-mails, accounts and codes of a merchant's life, as
// nobody may find them where they do not belong.
var personal = []string{
	"9876500001", "9876500002", "9876500003", "9876500004", "9876500005", "9876500006", "9123456789", "9962981729", "9000090000", "8762489310",
	"zqa@example.in", "zqa2@example.in", "zqa3@example.in", "zqa4@example.com", "zqa5@example.com", "916010082985661", "1234567890123456", "654321",
}

// opening are the secrets of that life and of who asks: they stand in no answer
// but the one that made them, and in no log, ever.
var opening = []string{
	"rzp secret A", "engage secret A", "engage token A", "salt A", "phonepe secret A", "access key A", "native token A", "zqa secret", "a long enough one",
	"wrong-canary-5511",
}

// holds are those of some texts that another text has in it, however it is
// written: a code inside a longer number is no code.
func holds(text string, canaries ...string) (found []string) {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		plain = text
	}
	for _, c := range canaries {
		for _, t := range []string{text, plain} {
			if strings.Contains(t, c) && (strings.Trim(c, "0123456789") != "" || regexp.MustCompile(`(^|[^0-9A-Za-z])`+c+`($|[^0-9A-Za-z])`).MatchString(t)) {
				found = append(found, c)
				break
			}
		}
	}
	return found
}

// Every route of every room, in the right hands and in wrong ones, and every
// page of the console for every role leave nobody's phone, e-mail, account
// number, code or secret in the program's log, in the log of requests, in the
// audit log, in the metrics, in the spans of traces, or in what refuses; and a
// viewer reads none of them.
func TestCanaries(t *testing.T) {
	h := dialecttest.Open(t)
	var logged bytes.Buffer
	h.Desk.Log = slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	calls := server.NewRequestLog(h.Desk, h.Desk.Log, "all", time.Hour)
	spans := tracetest.NewSpanRecorder()
	front := traced(spans, server.New(h.Desk, server.Config{Log: h.Desk.Log, Requests: calls, Console: console.Config{Log: h.Desk.Log}}))
	a := newTenant(t, h, front, "A", h.Book, desk.Test)
	vars := live(t, h, front, a)
	owner := furnish(t, h, vars)
	secrets := append(opening, a.bearer, owner.cookie.Value, vars["phonepe.page"])
	link, err := h.Desk.LinkTo(t.Context(), h.Book, desk.ID(vars["native.refund_id"]), 0)
	if err != nil {
		t.Fatal(err)
	}
	secrets = append(secrets, link.Token)

	// Each route once more: by its owner, and by somebody with a wrong secret. What
	// refuses says nothing of a secret, and nothing of anybody that was not sent.
	wrong := &tenant{book: a.book, mode: a.mode, letter: "A wrong-canary-5511", merchant: a.merchant, bearer: "wrong-canary-5511"}
	bodies := map[string]string{}
	for _, step := range life {
		bodies[step.route] = step.body
	}
	for _, x := range routesOf(t, h) {
		method, path, _ := strings.Cut(x.route, " ")
		filled, _ := fill(t, vars, x.room, path)
		sent := fillBody(vars, bodies[x.route])
		for _, who := range []*tenant{a, wrong} {
			w := who.send(h, front, x.room, method, filled+queries[x.route], sent)
			found := holds(w.Body.String(), secrets...)
			if isRefusal(x.room, w) || who == wrong && !unguarded.MatchString(x.route) {
				for _, c := range holds(w.Body.String(), personal...) {
					if !strings.Contains(sent+filled, c) {
						found = append(found, c)
					}
				}
			}
			for _, c := range found {
				if !strings.Contains(filled, c) && !unguarded.MatchString(x.route) {
					t.Errorf("%s: %d, and %q is in %s", x.route, w.Code, c, w.Body)
				}
			}
		}
	}
	front.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/r/"+link.Token, nil))
	newInsider(t, h, h.Merchant, "somebody@example.in", desk.Viewer).ask(front, "POST", "/login", url.Values{"email": {"zqa@example.in"}, "password": {"wrong-canary-5511"}})

	// Every page, for every role. Who may see personal data does; nobody sees a
	// secret, and a viewer nothing but the last digits.
	shown := map[desk.Role]int{}
	for _, role := range desk.Roles {
		i := newInsider(t, h, h.Merchant, string(role)+"@house.example", role)
		for _, route := range console.Routes() {
			method, path, _ := strings.Cut(route, " ")
			if method != "GET" || !strings.HasPrefix(path, "/test/") {
				continue
			}
			at, _, _ := place(t, vars, path)
			text := i.ask(front, "GET", at, nil).Body.String()
			if found := holds(text, append(secrets, i.cookie.Value)...); len(found) > 0 {
				t.Errorf("%s reads %q at %s", role, found, at)
			}
			found := holds(text, personal...)
			if shown[role] += len(found); role == desk.Viewer && len(found) > 0 {
				t.Errorf("a viewer reads %q at %s", found, at)
			}
		}
	}
	if shown[desk.Support] == 0 || shown[desk.Admin] == 0 {
		t.Errorf("nobody sees anybody's number: %v", shown)
	}

	for _, what := range []struct{ name, text string }{
		{"the log", logged.String()}, {"the metrics", metricsText(front)}, {"the spans", spansOf(t, spans)}, {"the log of requests", requestsOf(t, h, calls)}, {"the audit log", actsOf(t, h)},
		{"what is printed of a gateway", fmt.Sprintf("%+v %#v", must(sms.New("https://sms.example.in/", "wrong-canary-5511"))(t), *must(sms.New("https://sms.example.in/", "wrong-canary-5511"))(t))},
		{"what is printed of a client", fmt.Sprintf("%+v %#v", client.New("https://x.example", "wrong-canary-5511"), *client.New("https://x.example", "wrong-canary-5511"))},
	} {
		if len(what.text) < 20 {
			t.Errorf("%s says only %q", what.name, what.text)
		}
		for _, c := range holds(what.text, append(secrets, personal...)...) {
			at := strings.Index(what.text, c)
			t.Errorf("%q is in %s: …%s…", c, what.name, what.text[max(0, at-200):min(len(what.text), max(at, 0)+200)])
		}
	}
	if ids := regexp.MustCompile(`"[a-z]{2,8}_[0-9A-Za-z]{14}"`).FindAllString(metricsText(front), 3); len(ids) > 0 {
		t.Errorf("the metrics have names of things: %q", ids)
	}
}

// must stops the test at an error.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// traced gives each request a span, as the program does where traces are taken.
func traced(to *tracetest.SpanRecorder, h http.Handler) http.Handler {
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(to)).Tracer("")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tracer.Start(r.Context(), r.Method)
		defer span.End()
		h.ServeHTTP(w, r.WithContext(ctx))
	})
}

// spansOf is all that the spans say.
func spansOf(t *testing.T, spans *tracetest.SpanRecorder) string {
	t.Helper()
	var text strings.Builder
	for _, s := range spans.Ended() {
		fmt.Fprintln(&text, s.Name(), s.Attributes(), s.Events(), s.Status())
	}
	if n := len(spans.Ended()); n < 100 || !strings.Contains(text.String(), "http.route") {
		t.Errorf("only %d spans", n)
	}
	return text.String()
}

func metricsText(front http.Handler) string {
	w := httptest.NewRecorder()
	front.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

// requestsOf are the calls to the test book that were kept.
func requestsOf(t *testing.T, h *dialecttest.House, calls *server.RequestLog) string {
	t.Helper()
	all := (&logged{House: h, log: calls}).rows(t, h.Book)
	var text strings.Builder
	for _, r := range all {
		if r.Request != "zqa-request" { // which furnish wrote
			fmt.Fprintln(&text, r.Method, r.Path, r.Caller, r.Body, r.Answer, r.About, r.Ref)
		}
	}
	if len(all) < 100 {
		t.Errorf("only %d calls were kept", len(all))
	}
	return text.String()
}

func actsOf(t *testing.T, h *dialecttest.House) string {
	t.Helper()
	all := must(h.Desk.Acts(t.Context(), desk.Query{Book: h.Book, Count: 5000}))(t)
	if len(all) < 10 {
		t.Errorf("only %d acts", len(all))
	}
	return fmt.Sprintf("%+v", all)
}
