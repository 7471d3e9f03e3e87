package eko

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"wapas/dialecttest"
)

// The vendor's published signatures, and some made up of the same rule.
func TestSignature(t *testing.T) {
	const made = "11112222-3333-4444-5555-666677778888"
	for _, c := range []struct{ key, message, want string }{
		{"test-access-key-123", "1700000000000", "88lqTf9ew69XbVbeczjxVL8/B4vibfp1MvTi1mIj2Xo="},
		{"TEST_ACCESS_KEY_DO_NOT_USE", "1700000000000", "u30ak/iOGwKCaspqCeiYng8fd98QDx7kF3DBBOadQHk="},
		{made, "1795300000123", "+KRhpRTKMmHMLf0BMll2W7s2VRa5o2lt7E6199yFbIs="},
		{made, "1795300000125", "6l+Svr17iLBjn1K68egOSnf+Hvx+MEJ04qcU7jU/5/Y="},
		{made, "1795300000123" + "151627591" + "50" + "20810200", "62Ks83/A6eA5YZiZVFwp3oEAp9nsvbAI/ALQRCnsxBY="}, // request_hash
	} {
		if got := Signature(c.key, c.message); got != c.want {
			t.Errorf("Signature(%s, %s) = %s, want %s", c.key, c.message, got, c.want)
		}
	}
}

// The common mistakes are refused, and recognised.
func TestMistakes(t *testing.T) {
	const made, stamp = "11112222-3333-4444-5555-666677778888", "1795300000123"
	for _, c := range []struct{ shown, says string }{
		{"H7fv28XeTFqe5o2oCpkOBvarNyfE/CA1j3BJRSqPf+g=", "access key itself"},
		{"f8a461a514ca3261cc2dfd013259765bbb365516b9a3696dec4eb5f7dc856c8b", "hex"},
		{"KnA6Zfb8/Iyp90JIZxlkmsc7qt9sYv3oyzTwr+FwRuU=", "seconds"},
		{"jJFDMHPyQ8I7AaWHbYm3e3Q+qrIc+sciS3hXje+dRi4=", "swapped"},
		{"-KRhpRTKMmHMLf0BMll2W7s2VRa5o2lt7E6199yFbIs=", "URL-safe"},
		{"+KRhpRTKMmHMLf0BMll2W7s2VRa5o2lt7E6199yFbIs", "padding"},
		{"+KRhpRTKMmHMLf0BMll2W7s2VRa5o2lt7E6199yFbIt=", "not that of"},
		{"", "not that of"},
	} {
		if same(c.shown, Signature(made, stamp)) {
			t.Errorf("%s was taken for the signature", c.shown)
		}
		if got := mistake(made, c.shown, stamp); !strings.Contains(got, c.says) {
			t.Errorf("%s: %q, want something about %q", c.shown, got, c.says)
		}
	}
}

// The tolerance is a setting, and goes by the clock on the wall even if the
// book's runs ahead.
func TestTolerance(t *testing.T) {
	h := dialecttest.Open(t)
	furnish(t, h)
	room := New(h.Desk, Config{ClockTolerance: 10 * time.Second})
	for _, c := range []struct {
		off  time.Duration
		want int
	}{{0, 200}, {10 * time.Second, 200}, {-10 * time.Second, 200}, {10*time.Second + time.Millisecond, 403}, {-11 * time.Second, 403}, {-time.Hour, 403}} {
		q := httptest.NewRequest("GET", "/ekoapi/v3/user/account/balance?initiator_id="+initiator, nil)
		signed(q, strconv.FormatInt(h.Desk.Now().Add(c.off).UnixMilli(), 10))
		w := httptest.NewRecorder()
		room.ServeHTTP(w, q)
		if w.Code != c.want {
			t.Errorf("%s off: %d %s, want %d", c.off, w.Code, w.Body, c.want)
		}
	}
}

// A signature is good once if the operator wants that, and is forgotten when it
// is too old to be let in.
func TestReplays(t *testing.T) {
	var s replays
	now := time.Unix(1767000000, 0)
	for _, c := range []struct {
		what  string
		after time.Duration
		want  bool
	}{{"a", 0, false}, {"a", time.Second, true}, {"b", time.Second, false}, {"a", 10 * time.Minute, true}, {"c", 10*time.Minute + 2*time.Second, false}} {
		if got := s.again(c.what, now.Add(c.after), 5*time.Minute); got != c.want {
			t.Errorf("%s after %s: %t, want %t", c.what, c.after, got, c.want)
		}
	}
	s.again("d", now.Add(time.Hour), 5*time.Minute)
	if len(s.until) != 1 {
		t.Errorf("%d signatures are remembered after an hour, want 1", len(s.until))
	}
}

// FuzzAuth looks for headers that let a stranger in or break the room.
func FuzzAuth(f *testing.F) {
	h := dialecttest.Open(f)
	furnish(f, h)
	room := New(h.Desk, Config{Debug: true, RefuseReplays: true, HeaderAliases: true})
	now := strconv.FormatInt(h.Desk.Now().UnixMilli(), 10)
	f.Add(developerKey, now, "AAAA", "/ekoapi/v3/user/account/balance")
	f.Add("", "", "", "/ekoapi/v1/transactions/client_ref_id%3A%2F")
	f.Add("x", "-1", "=", "/ekoicici/v2/user/services/user_code:1")
	f.Fuzz(func(t *testing.T, key, stamp, sign, path string) {
		if sign == Signature(accessKey, stamp) {
			return
		}
		q := httptest.NewRequest("GET", "/", nil)
		q.URL.Path, q.URL.RawPath = "/"+path, ""
		q.Header["Developer_key"], q.Header["Secret-Key-Timestamp"], q.Header["Secret-Key"] = []string{key}, []string{stamp}, []string{sign}
		w := httptest.NewRecorder()
		room.ServeHTTP(w, q)
		if w.Code != 403 && w.Code != 404 && w.Code != 405 {
			t.Fatalf("%q with %q, %q, %q: %d %s", path, key, stamp, sign, w.Code, w.Body)
		}
	})
}
