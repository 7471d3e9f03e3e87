package console

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// The cookies of the console: who it is, what was done a moment ago, and how
// pages look.
const (
	cookieName = "wapas_session"
	saidCookie = "wapas_said"
	lookCookie = "wapas_look"
)

// cookie sets a cookie that only the console sees; an empty value takes it back.
func (r *room) cookie(w http.ResponseWriter, hr *http.Request, name, value string, life time.Duration) {
	c := &http.Cookie{
		Name: name, Value: value, Path: Base, MaxAge: int(life.Seconds()), HttpOnly: true,
		Secure: r.cfg.Secure || hr.TLS != nil, SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// addressOf is where a request comes from, as far as this server sees.
func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// A doorPage is what is shown at the door.
type doorPage struct {
	Email, To string
	Wrong     string // why somebody was not let in
	Demo      string
}

func (r *room) door(w http.ResponseWriter, hr *http.Request) {
	r.showDoor(w, hr, http.StatusOK, doorPage{To: hr.URL.Query().Get("to")})
}

func (r *room) showDoor(w http.ResponseWriter, hr *http.Request, status int, p doorPage) {
	p.Demo = r.cfg.Demo
	q := &visit{Request: hr, w: w, room: r, page: &page{at: "GET /login"}}
	if err := q.answer(status, "login", "Sign in", p); err != nil {
		r.cfg.Log.Error("the door failed", "err", err)
		http.Error(w, "something went wrong here", http.StatusInternalServerError)
	}
}

// enter lets a person in who knows the password.
func (r *room) enter(w http.ResponseWriter, hr *http.Request) {
	hr.Body = http.MaxBytesReader(w, hr.Body, 64<<10)
	if err := hr.ParseForm(); err != nil { // too large, too slow, or no form: nobody's try
		r.showDoor(w, hr, http.StatusBadRequest, doorPage{Wrong: "The form did not arrive whole. Try again."})
		return
	}
	p := doorPage{Email: strings.TrimSpace(hr.FormValue("email")), To: hr.FormValue("to")}
	from := addressOf(hr)
	person, err := r.desk.SignIn(hr.Context(), desk.SignInRequest{Email: p.Email, Password: hr.FormValue("password"), From: from})
	var token string
	if err == nil {
		token, _, err = r.desk.StartSession(hr.Context(), person, from)
	}
	if errors.Is(err, context.DeadlineExceeded) { // too many others have theirs compared
		p.Wrong = "Too many people are signing in. Try again in a moment."
		w.Header().Set("Retry-After", "5")
		r.showDoor(w, hr, http.StatusServiceUnavailable, p)
		return
	}
	switch ledger.CodeOf(err) {
	case "":
		if err != nil {
			r.cfg.Log.Error("a person could not sign in", "err", err)
			p.Wrong = "Something went wrong here. Try again in a moment."
			r.showDoor(w, hr, http.StatusInternalServerError, p)
			return
		}
	case ledger.Limited:
		p.Wrong = "Too many tries. Wait a few minutes, then try again."
		w.Header().Set("Retry-After", "900")
		r.showDoor(w, hr, http.StatusTooManyRequests, p)
		return
	case ledger.Internal:
		r.cfg.Log.Error("a person could not sign in", "err", err)
		p.Wrong = "Something went wrong here. Try again in a moment."
		r.showDoor(w, hr, http.StatusInternalServerError, p)
		return
	default:
		p.Wrong = "The e-mail address or the password is not right."
		r.showDoor(w, hr, http.StatusForbidden, p)
		return
	}
	r.cookie(w, hr, cookieName, token, 7*24*time.Hour)
	to := Base + "/"
	if inside(p.To) {
		to = p.To
	}
	http.Redirect(w, hr, to, http.StatusSeeOther)
}

// inside says whether an address is one of the console's own, so that the door
// sends nobody elsewhere.
func inside(to string) bool {
	u, err := url.Parse(to)
	return err == nil && u.Scheme == "" && u.Host == "" && u.User == nil && strings.HasPrefix(path.Clean(u.Path)+"/", Base+"/") && strings.HasPrefix(u.Path, Base+"/") && !strings.Contains(to, "\\")
}

// leave ends the session.
func (r *room) leave(w http.ResponseWriter, hr *http.Request) {
	if token, err := hr.Cookie(cookieName); err == nil {
		if err := r.desk.EndSession(hr.Context(), token.Value); err != nil && ledger.CodeOf(err) != ledger.Denied {
			r.cfg.Log.Error("a session could not be ended", "err", err)
			http.Error(w, "something went wrong here: you are still signed in", http.StatusInternalServerError)
			return
		}
	}
	r.cookie(w, hr, cookieName, "", 0)
	http.Redirect(w, hr, Base+"/login", http.StatusSeeOther)
}

// look chooses light, dark or what the machine says, and goes back.
func (r *room) look(w http.ResponseWriter, hr *http.Request) {
	look := hr.FormValue("look")
	if look != "light" && look != "dark" {
		look = ""
	}
	r.cookie(w, hr, lookCookie, look, 365*24*time.Hour)
	to := hr.FormValue("to")
	if !inside(to) {
		to = Base + "/"
	}
	http.Redirect(w, hr, to, http.StatusSeeOther)
}

// home is the overview of the book that has something in it: the live one if it
// was ever used.
func (r *room) home(w http.ResponseWriter, hr *http.Request) {
	q := &visit{Request: hr, w: w, room: r, page: &page{at: "GET /", right: desk.RightSee}}
	if err := q.admit(desk.Live); err != nil {
		q.fail(err)
		return
	}
	if q.book.Entry == 0 {
		q.book.Mode = desk.Test
	}
	http.Redirect(w, hr, q.path("/"), http.StatusSeeOther)
}

// lost answers a path that no page has.
func (r *room) lost(w http.ResponseWriter, hr *http.Request) {
	mode := desk.Live
	if strings.HasPrefix(hr.URL.Path, "/test/") {
		mode = desk.Test
	}
	q := &visit{Request: hr, w: w, room: r, page: &page{at: "GET /", right: desk.RightSee}}
	if err := q.admit(mode); err != nil {
		q.fail(err)
		return
	}
	q.fail(ledger.Refuse(ledger.NotFound, whyPage, "No page has this address."))
}

// say keeps a word for the next page.
func (q *visit) say(text string) {
	q.room.cookie(q.w, q.Request, saidCookie, base64.RawURLEncoding.EncodeToString([]byte(text)), time.Minute)
}

// said is the word that was kept, once.
func (q *visit) said() string {
	c, err := q.Cookie(saidCookie)
	if err != nil {
		return ""
	}
	q.room.cookie(q.w, q.Request, saidCookie, "", 0)
	text, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || len(text) > 500 {
		return ""
	}
	return string(text)
}
