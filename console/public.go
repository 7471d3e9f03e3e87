package console

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// The page that a customer sees: how one refund is getting on. Whoever holds its
// address may open it, so it shows nothing but that refund, what it shows of
// whoever is paid is masked, and no search engine may keep it. It asks for no
// cookie, and lies outside of Base, so that it is sent none.

// LinkBase is where Customers is served.
const LinkBase = "/r"

// Customers shows refunds to those who hold a link (desk.LinkTo). It is served
// below LinkBase.
func Customers(d *desk.Desk, cfg Config) http.Handler {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	a := furniture().assets
	funcs := template.FuncMap{"asset": a.address}
	p := &public{desk: d, cfg: cfg, page: template.Must(template.New("").Funcs(words).Funcs(funcs).ParseFS(templateFiles, "templates/_layout.html", "templates/_progress.html"))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{token}", p.show)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { p.say(w, r, http.StatusNotFound, "none") })
	return publicGuard(mux)
}

func publicGuard(h http.Handler) http.Handler {
	const policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy", policy)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "no-referrer")
		head.Set("X-Robots-Tag", "noindex, nofollow")
		head.Set("Cache-Control", "no-store")
		head.Add("Vary", "Accept-Language")
		h.ServeHTTP(w, r)
	})
}

type public struct {
	desk  *desk.Desk
	cfg   Config
	page  *template.Template
	looks turnstile
}

// How often a link is opened in a minute, and how many wrong ones one address
// may show.
const (
	looksAMinute  = 60
	wrongAMinute  = 20
	maxTurnstiles = 10_000
)

// A turnstile counts in whole minutes. It forgets everything at the next one,
// and when strangers fill it. It keeps hashes of the names, for strangers write
// addresses as long as they like.
type turnstile struct {
	mu     sync.Mutex
	minute int64
	count  map[[sha256.Size]byte]int
}

// pass counts a name, and says whether it was there at most so often.
func (t *turnstile) pass(name string, now time.Time, most int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if minute := now.Unix() / 60; t.count == nil || minute != t.minute || len(t.count) >= maxTurnstiles {
		t.minute, t.count = minute, map[[sha256.Size]byte]int{}
	}
	h := sha256.Sum256([]byte(name))
	t.count[h]++
	return t.count[h] <= most
}

// show refuses a wrong link from who shows many, then a right one that is opened
// too often: nobody is locked out by what others at their address do.
func (p *public) show(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	if !p.looks.pass("link "+token, p.desk.Now(), looksAMinute) {
		p.say(w, r, http.StatusTooManyRequests, "often")
		return
	}
	progress, err := p.desk.Follow(r.Context(), token)
	switch ledger.CodeOf(err) {
	case "":
		if err != nil {
			p.broken(w, r, err)
			return
		}
		p.draw(w, r, http.StatusOK, progressSheet{Progress: progress})
	case ledger.Denied:
		p.say(w, r, http.StatusGone, "old")
	case ledger.NotFound:
		if !p.looks.pass("from "+addressOf(r), p.desk.Now(), wrongAMinute) {
			p.say(w, r, http.StatusTooManyRequests, "often")
			return
		}
		p.say(w, r, http.StatusNotFound, "none")
	default:
		p.broken(w, r, err)
	}
}

func (p *public) broken(w http.ResponseWriter, r *http.Request, err error) {
	p.cfg.Log.Error("a customer's page failed", "request", w.Header().Get("X-Request-Id"), "err", err)
	p.say(w, r, http.StatusInternalServerError, "fault")
}

// say shows a page that only says why there is nothing.
func (p *public) say(w http.ResponseWriter, r *http.Request, status int, why string) {
	p.draw(w, r, status, progressSheet{Why: why})
}

func (p *public) draw(w http.ResponseWriter, r *http.Request, status int, s progressSheet) {
	s.Lang, s.Path = languageOf(r), LinkBase+r.URL.EscapedPath()
	s.text = texts[s.Lang]
	var b bytes.Buffer
	if err := p.page.ExecuteTemplate(&b, "progress", s); err != nil {
		p.cfg.Log.Error("a customer's page failed", "err", err)
		http.Error(w, "something went wrong here", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", s.Lang)
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

// languageOf is Hindi or English: what the address says, or else what the
// browser would rather read.
func languageOf(r *http.Request) string {
	if l := r.URL.Query().Get("l"); l == "hi" || l == "en" {
		return l
	}
	best, weight := "en", 0.0
	for one := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, param, _ := strings.Cut(strings.TrimSpace(one), ";")
		q := 1.0
		if v, ok := strings.CutPrefix(strings.TrimSpace(param), "q="); ok {
			var err error
			if q, err = strconv.ParseFloat(v, 64); err != nil {
				continue
			}
		}
		tag, _, _ = strings.Cut(strings.ToLower(tag), "-")
		if (tag == "hi" || tag == "en") && q > weight {
			best, weight = tag, q
		}
	}
	return best
}

// A progressSheet is what a customer's page is rendered from: its words are of
// one language.
type progressSheet struct {
	desk.Progress
	Lang, Path, Why string
	text            map[string]string
}

// T is a text of the page's language.
func (s progressSheet) T(key string) (string, error) {
	t, ok := s.text[key]
	if !ok {
		return "", fmt.Errorf("nobody says %q in %q", key, s.Lang)
	}
	return strings.ReplaceAll(t, "{merchant}", s.Merchant), nil
}

// Shown says whether there is a refund to show.
func (s progressSheet) Shown() bool { return s.Why == "" }

// Day is a day in words.
func (s progressSheet) Day(d ledger.Day) string {
	return strconv.Itoa(int(d%100)) + " " + strings.Fields(s.text["months"])[d/100%100-1] + " " + strconv.Itoa(int(d/10000))
}

// At is a moment in India, in words.
func (s progressSheet) At(t ledger.Time) string {
	return s.Day(t.Day()) + ", " + t.Std().In(india).Format("15:04")
}

// Mood is how the refund is getting on, in one word of the page's own.
func (s progressSheet) Mood() string {
	switch {
	case s.State == "done":
		return "done"
	case s.State == "failed":
		return "failed"
	case s.Late():
		return "late"
	case s.Unsure:
		return "unsure"
	}
	return "way"
}

// Lead is how it stands, in a sentence.
func (s progressSheet) Lead() (string, error) {
	switch mood := s.Mood(); {
	case mood == "done" && s.Way == desk.WayAgent:
		return s.T("lead.done.agent")
	case mood == "done" && !s.Bank():
		return s.T("lead.done.there")
	default:
		return s.T("lead." + mood)
	}
}

// Where is where the money goes, in words.
func (s progressSheet) Where() (string, error) {
	t, err := s.T("to." + s.Way)
	if s.To == "" {
		return t, err
	}
	named, err := s.T("to." + s.Way + ".named")
	return strings.ReplaceAll(named, "{to}", s.To), err
}

// Bank says whether a bank carries it, so that it takes days.
func (s progressSheet) Bank() bool {
	return s.Way != desk.WayWallet && s.Way != desk.WayCredit && s.Way != desk.WayAgent
}

// Quoted is the bank's number, if a bank has one, and ProofName what it is.
func (s progressSheet) Quoted() string {
	if !s.Bank() {
		return ""
	}
	return s.Reference
}

func (s progressSheet) ProofName() string {
	switch s.Proof {
	case "arn", "rrn", "utr":
		return strings.ToUpper(s.Proof)
	}
	return ""
}

// A progressStep is one of the three things that happen: how far it is, and when it was.
type progressStep struct {
	Text, State string // done, now, next, failed
	At          ledger.Time
}

// Steps are what has happened and what is still to come.
func (s progressSheet) Steps() ([]progressStep, error) {
	var missing error
	say := func(key string) string {
		t, err := s.T(key)
		missing = errors.Join(missing, err)
		return t
	}
	all := []progressStep{{say("step.asked"), "done", s.Asked}}
	if s.Bank() {
		sent := progressStep{say("step.sent"), "now", s.Sent}
		if s.Sent != 0 || s.State != "pending" {
			sent.State = "done"
		}
		all = append(all, sent)
	}
	switch {
	case s.State == "failed":
		all = append(all, progressStep{say("step.failed"), "failed", s.Ended})
	case s.State == "done" && s.Bank():
		all = append(all, progressStep{say("step.done"), "done", s.Ended})
	case s.State == "done" && s.Way == desk.WayAgent:
		all = append(all, progressStep{say("step.agent"), "done", s.Ended})
	case s.State == "done":
		all = append(all, progressStep{say("step.there"), "done", s.Ended})
	case s.Sent != 0:
		all = append(all, progressStep{say("step.waits"), "now", 0})
	default:
		all = append(all, progressStep{say("step.there"), "next", 0})
	}
	return all, missing
}

// Reason is why it failed, in words that help the customer.
func (s progressSheet) Reason() (string, error) {
	switch s.Code {
	case rail.CodeInvalidVPA, rail.CodeNotFound, rail.CodeClosed, rail.CodeBlocked, rail.CodeNotPermitted, rail.CodeNotActivated:
		return s.T("why.account")
	case rail.CodeLimit:
		return s.T("why.limit")
	}
	return s.T("why.bank")
}
