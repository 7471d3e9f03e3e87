package eko

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// Signature is what the header secret-key holds: the HMAC-SHA256 of a message,
// in base64. Its key is the base64 text of the access key: the letters
// themselves, neither the access key nor what they decode to. The message is
// the timestamp as it was sent; for request_hash more follows it.
func Signature(accessKey, message string) string {
	return sign(base64.StdEncoding.EncodeToString([]byte(accessKey)), message)
}

func sign(key, message string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// A denial is why a caller is not let in: one of ours, for the log, and in
// debug mode for the caller.
type denial struct{ why string }

func (d denial) Error() string { return "denied: " + d.why }

// admit finds out who is calling: the developer key names a credential, and
// the signature must be that of its access key over the moment in the header,
// which must be about now by the clock on the wall. What was wrong is told in
// debug mode only.
func (r *room) admit(q *request) (desk.Caller, error) {
	name := r.developerKey(q.Header)
	shown, stamp := q.Header.Get("secret-key"), q.Header.Get("secret-key-timestamp")
	switch {
	case name == "":
		return desk.Caller{}, denial{r.lacking(q.Header, "developer_key")}
	case shown == "":
		return desk.Caller{}, denial{r.lacking(q.Header, "secret-key")}
	case stamp == "":
		return desk.Caller{}, denial{r.lacking(q.Header, "secret-key-timestamp")}
	}
	c, err := r.desk.Identify(q.Context(), Room, name)
	switch {
	case ledger.CodeOf(err) == ledger.Denied:
		return c, denial{"the developer_key is not known here, not active, or of another environment"}
	case err != nil:
		return c, err
	}
	err = r.desk.Proved(q.Context(), c, same(shown, Signature(string(c.Secret), stamp)))
	switch {
	case ledger.CodeOf(err) == ledger.Denied:
		return c, denial{mistake(string(c.Secret), shown, stamp)}
	case err != nil:
		return c, err
	}
	if err := r.onTime(stamp); err != nil {
		return c, err
	}
	if r.cfg.RefuseReplays && r.seen.again(name+" "+stamp, r.desk.Now(), r.cfg.ClockTolerance) {
		return c, denial{"this secret-key was used before; sign every call anew"}
	}
	return c, nil
}

// The scopes that a credential may be limited to. One without scopes may do
// everything.
const (
	readOnly  = "read_only"
	readWrite = "read_write"
)

// mayCall says whether a credential's scopes allow a method.
func mayCall(c desk.Caller, method string) bool {
	reading := method == http.MethodGet || method == http.MethodHead
	return c.May(readWrite) || reading && c.May(readOnly)
}

func same(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }

// developerKey is the header that names the caller.
func (r *room) developerKey(h http.Header) string {
	name := h.Get("developer_key")
	if name == "" && r.cfg.HeaderAliases {
		name = h.Get("developer-key")
	}
	if name == "" && r.cfg.HeaderAliases {
		name = h.Get("x-developer-key")
	}
	return name
}

// onTime refuses a moment that is not about now.
func (r *room) onTime(stamp string) error {
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || len(stamp) != 13 || stamp[0] == '-' || stamp[0] == '+' {
		return denial{"secret-key-timestamp is not in milliseconds since 1970: 13 digits"}
	}
	off := r.desk.Now().Sub(time.UnixMilli(ms))
	if off.Abs() > r.cfg.ClockTolerance {
		return denial{"secret-key-timestamp is " + off.Abs().Round(time.Second).String() + " off our clock"}
	}
	return nil
}

// lacking says which header is not there, and which one looks like it.
func (r *room) lacking(h http.Header, name string) string {
	like := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "-")) }
	for sent := range h {
		if s := strings.TrimPrefix(like(sent), "x-"); s == like(name) && !strings.EqualFold(sent, name) {
			return "there is no header " + name + ", but one " + strings.ToLower(sent)
		}
	}
	return "there is no header " + name
}

// mistake is what a wrong signature was made by, if it is one of the ways in
// which callers go wrong.
func mistake(accessKey, shown, stamp string) string {
	key := base64.StdEncoding.EncodeToString([]byte(accessKey))
	right := sign(key, stamp)
	sum, _ := base64.StdEncoding.DecodeString(right)
	seconds := stamp
	if len(stamp) > 3 {
		seconds = stamp[:len(stamp)-3]
	}
	decoded, _ := base64.StdEncoding.DecodeString(accessKey)
	for _, m := range []struct{ made, says string }{
		{sign(accessKey, stamp), "signed with the access key itself; sign with its base64 text"},
		{sign(string(decoded), stamp), "signed with the decoded access key; sign with the base64 text of it as it is"},
		{hex.EncodeToString(sum), "the secret-key is in hex; send base64"},
		{sign(key, seconds), "the timestamp that was signed is in seconds; sign the milliseconds of the header"},
		{sign(stamp, key), "key and message are swapped; the timestamp is the message"},
		{sign(stamp, accessKey), "key and message are swapped; the timestamp is the message"},
		{base64.URLEncoding.EncodeToString(sum), "the secret-key is in the URL-safe alphabet; send standard base64"},
		{strings.TrimRight(right, "="), "the secret-key lacks its padding"},
	} {
		if same(m.made, shown) {
			return m.says
		}
	}
	return "the secret-key is not that of this access key and timestamp"
}

// checkHash holds the header request_hash, if it was sent, against the fields
// of a debit: timestamp, account (or aadhaar), amount and user code, put
// together. The calls of this room do not ask for it.
func (q *request) checkHash(f *fields) error {
	sent := q.Header.Get("request_hash")
	if sent == "" {
		return nil
	}
	stamp := q.Header.Get("secret-key-timestamp")
	for _, account := range []string{"utility_acc_no", "aadhaar"} {
		message := stamp + f.raw(account) + f.raw("amount") + f.raw("user_code")
		if same(sent, Signature(string(q.caller.Secret), message)) {
			return nil
		}
	}
	return denial{"the request_hash is not that of timestamp, utility_acc_no, amount and user_code"}
}

// replays remembers signatures for as long as they are good.
type replays struct {
	mu    sync.Mutex
	until map[string]time.Time
	swept time.Time
}

// again says whether a signature was seen before, and remembers it.
func (s *replays) again(what string, now time.Time, tolerance time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.until == nil {
		s.until = make(map[string]time.Time)
	}
	if now.Sub(s.swept) > tolerance || now.Before(s.swept) {
		for k, t := range s.until {
			if t.Before(now) {
				delete(s.until, k)
			}
		}
		s.swept = now
	}
	if t, seen := s.until[what]; seen && !t.Before(now) {
		return true
	}
	s.until[what] = now.Add(2 * tolerance)
	return false
}
