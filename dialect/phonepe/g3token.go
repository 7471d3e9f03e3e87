package phonepe

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// TokenLife is how long a token of the newest generation lasts, unless the
// operator says otherwise. The vendor's own is not known; its clients renew one
// at half of its life.
const TokenLife = time.Hour

// clientPrefix is what the credentials of the newest generation are called,
// before their client_id.
const clientPrefix = "client:"

// The rules of tokens.
const (
	whyFormBlank ledger.Why = "form_blank" // Invalid: a field of the form is empty
	whyFormWrong ledger.Why = "form_wrong" // Invalid: a field of the form has another value than it may
	whyNoClient  ledger.Why = "no_client"  // Denied: no such client, or another secret
)

// tokenWire is a token. Times are epoch seconds; expires_in is null, as in the
// vendor's sample, and clients go by issued_at and expires_at.
type tokenWire struct {
	AccessToken          string `json:"access_token"`
	EncryptedAccessToken string `json:"encrypted_access_token"`
	ExpiresIn            *int64 `json:"expires_in"`
	IssuedAt             int64  `json:"issued_at"`
	ExpiresAt            int64  `json:"expires_at"`
	SessionExpiresAt     int64  `json:"session_expires_at"`
	TokenType            string `json:"token_type"`
}

// grantToken changes a client's secret for a token. It is the only request of
// this generation that is a form. It refuses, in this order: a field that is
// missing or empty; a client_version that is no number; another grant_type; a
// client that nobody is, or another secret, which sound the same.
func (r *room) grantToken(q *request) (any, error) {
	form, err := q.form()
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"client_id", "client_version", "client_secret", "grant_type"} {
		if strings.TrimSpace(form.Get(name)) == "" {
			return nil, ledger.Refuse(ledger.Invalid, whyFormBlank, "").In(name)
		}
	}
	if _, err := strconv.ParseUint(form.Get("client_version"), 10, 31); err != nil {
		return nil, ledger.Refuse(ledger.Invalid, whyFormWrong, "a number").In("client_version")
	}
	if form.Get("grant_type") != "client_credentials" {
		return nil, ledger.Refuse(ledger.Invalid, whyFormWrong, "client_credentials").In("grant_type")
	}
	q.caller, err = r.desk.Authenticate(q.Context(), Room, clientPrefix+form.Get("client_id"), []byte(form.Get("client_secret")))
	if ledger.CodeOf(err) == ledger.Denied {
		return nil, ledger.Refuse(ledger.Denied, whyNoClient, "%s", cmp.Or(q.w.Header().Get("X-Request-Id"), desk.Letters(16)))
	}
	if err != nil {
		return nil, err
	}
	life := r.cfg.TokenLife
	if life == 0 {
		life = TokenLife
	}
	token, issued, expires, err := r.desk.Grant(q.caller, Room, life)
	if err != nil {
		return nil, err
	}
	q.w.Header().Set("Cache-Control", "no-store")
	return tokenWire{
		AccessToken: token, EncryptedAccessToken: token, IssuedAt: issued.Std().Unix(),
		ExpiresAt: expires.Std().Unix(), SessionExpiresAt: expires.Std().Unix(), TokenType: tokenType,
	}, nil
}

// maxForm is the largest form of a token request, in bytes.
const maxForm = 16 << 10

// form reads a form-encoded body. A body of another type has no fields.
func (q *request) form() (url.Values, error) {
	q.Body = http.MaxBytesReader(q.w, q.Body, maxForm)
	err := q.ParseForm()
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, ledger.Refuse(ledger.Invalid, whyBodySize, "%d", tooLarge.Limit)
	}
	if err != nil {
		return nil, ledger.Refuse(ledger.Invalid, whyBody, "not a form")
	}
	return q.PostForm, nil
}

// tokenType is the word before a token in the Authorization header. Clients
// build the header from the answer, or have the word written down.
const tokenType = "O-Bearer"

// admitBearer lets a caller in by its token.
func (r *room) admitBearer(q *request) error {
	token, ok := strings.CutPrefix(q.Header.Get("Authorization"), tokenType+" ")
	if !ok {
		return ledger.Refuse(ledger.Denied, desk.WhyUnknownKey, "")
	}
	var err error
	q.caller, err = r.desk.Bearer(q.Context(), Room, []byte(token))
	return err
}

// The scopes that a credential may be limited to. One without scopes may do
// everything.
const (
	readOnly  = "read_only"
	readWrite = "read_write"
)

// whyScope refuses a credential that may not do what it asks for: Denied.
const whyScope ledger.Why = "scope"

// mayCall says whether a credential's scopes allow a route: questions for the
// status only read, whatever their method, and so do lists.
func mayCall(c desk.Caller, t route) bool {
	reads := t.method == http.MethodGet || strings.HasSuffix(t.path, "/status") || strings.HasSuffix(t.path, "/list") || strings.HasSuffix(t.path, "/details")
	return c.May(readWrite) || reads && c.May(readOnly)
}

// merchantOf is the merchant id that a book goes by in the older generations:
// the first of its MERCHANTID#index credentials that is good. A book that has
// none goes by the client_id of the caller.
func (r *room) merchantOf(q *request) (string, error) {
	if q.merchant == "" {
		id, err := merchantID(q.Context(), r.desk, q.caller.Merchant, q.book())
		if err != nil {
			return "", err
		}
		if id == "" {
			id = strings.TrimPrefix(q.caller.Name, clientPrefix)
		}
		q.merchant = id
	}
	return q.merchant, nil
}

// merchantID is the merchant id of a book: that of its oldest salt that is good;
// empty if there is none.
func merchantID(ctx context.Context, d *desk.Desk, merchant desk.ID, book desk.BookID) (string, error) {
	creds, err := d.Store.Credentials(ctx, merchant)
	if err != nil {
		return "", err
	}
	now := ledger.At(d.Now())
	first, since := "", ledger.Time(0)
	for _, c := range creds {
		id, _, salt := strings.Cut(c.Name, "#")
		good := c.Room == Room && c.Book == book && salt && (c.RevokedAt == 0 || c.RevokedAt > now)
		if good && (first == "" || c.CreatedAt < since || c.CreatedAt == since && id < first) {
			first, since = id, c.CreatedAt
		}
	}
	return first, nil
}
