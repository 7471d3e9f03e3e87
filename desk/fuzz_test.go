package desk_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/ledger"
)

// What passes for an IFSC, an address of UPI or a phone number is written in
// ASCII, whatever a character looks like or would be in capitals, and has the
// published form.
func FuzzForms(f *testing.F) {
	for _, s := range []string{"HDFC0000317", "hdfc0000317", "UTIB0000194", "HDFCO000317", "ſBIN0000001", "SBıN0000001", "a.b-c@ybl", "ａ@ybl", "a@уbl", "9876500003", "९८७६५००००३", "+919876500003", "9876500003\n", ""} {
		f.Add(s)
	}
	ifsc := regexp.MustCompile(`^(?i:[a-z]){4}0[A-Za-z0-9]{6}$`)
	f.Fuzz(func(t *testing.T, s string) {
		ascii := !strings.ContainsFunc(s, func(c rune) bool { return c > '~' || c < ' ' })
		if desk.ValidIFSC(s) && !(ascii && len(s) == 11 && ifsc.MatchString(s)) {
			t.Errorf("%q passes for an IFSC", s)
		}
		if name, handle, _ := strings.Cut(s, "@"); desk.IsVPA(s) && (!ascii || len(name) < 2 || len(handle) < 2 || strings.Contains(handle, "@")) {
			t.Errorf("%q passes for an address of UPI", s)
		}
		if desk.IsContact(s) && (!ascii || len(s) != 10) {
			t.Errorf("%q passes for a phone number", s)
		}
	})
}

// The moment in an id is the one it was minted at: ids sort by it, and an id
// made of it comes first.
func FuzzMoment(f *testing.F) {
	for _, s := range []string{"rfnd_JJFNlNXPHY640A", "ientxn_QgC3wXR2Q77wDN", "pay_00000000000000", "pay_zzzzzzzzzzzzzz", "", "x", "pay_é0000000000000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, ok := desk.ID(s).Moment()
		if !ok {
			return
		}
		if at.Before(time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC)) || at.Year() > 2041 {
			t.Fatalf("%q is of %s", s, at)
		}
		first := desk.FirstID("x", ledger.At(at))
		if own := s[len(s)-14:]; string(first) > "x_"+own {
			t.Fatalf("%s comes after x_%s, which is of that moment", first, own)
		}
	})
}

// What was not sealed here is not opened, whatever of a sealed secret is in it,
// and what was is what it was.
func FuzzKeyring(f *testing.F) {
	ring, err := desk.NewKeyring(bytes.Repeat([]byte{7}, desk.MasterKeySize))
	if err != nil {
		f.Fatal(err)
	}
	// One for all: the fuzzer's processes would each seal another, and open those
	// of the others, rightly.
	sealed, err := hex.DecodeString("01f1864dc329b1abd7804e7ff5cb0e06f5871ae7e13f2083a249f374338560fbffdf4756feb808")
	if err != nil {
		f.Fatal(err)
	}
	if open, err := ring.Open(sealed); err != nil || string(open) != "secret" {
		f.Fatalf("it opens as %q, %v", open, err)
	}
	f.Add(sealed, []byte("secret"))
	f.Add(sealed[:len(sealed)-1], []byte(""))
	f.Add([]byte{}, []byte{0})
	f.Fuzz(func(t *testing.T, shown, secret []byte) {
		if open, err := ring.Open(shown); err == nil && !bytes.Equal(shown, sealed) {
			t.Errorf("%x opens as %q", shown, open)
		}
		own, err := ring.Seal(secret)
		if err != nil {
			t.Fatal(err)
		}
		if open, err := ring.Open(own); err != nil || !bytes.Equal(open, secret) {
			t.Errorf("%q opens as %q, %v", secret, open, err)
		}
		for i := range own {
			own[i] ^= 1
			if _, err := ring.Open(own); err == nil {
				t.Errorf("with byte %d changed it opens", i)
			}
			own[i] ^= 1
		}
	})
}

// Nobody makes up a link to a refund: what is no link leads nowhere, and says no
// more than that.
func FuzzLink(f *testing.F) {
	h := dialecttest.Open(f)
	for _, token := range []string{"", "abc", strings.Repeat("A", 200), base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{1}, 60)), "a\nb", "é"} {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := h.Desk.Follow(t.Context(), token); ledger.CodeOf(err) != ledger.NotFound {
			t.Errorf("%q: %v", token, err)
		}
	})
}

// An import that passes its check is one that every reader of the books can
// take: names without spaces in ASCII, and money that fits together.
func FuzzImportCheck(f *testing.F) {
	f.Add("phonepe", "R1", "pay_00000000000000", "T1", "O1", int64(100), int64(2), int64(1), "upi", int64(1))
	f.Add("Ｐ", "R 1", "pay_x", "", "", int64(-1), int64(3), int64(4), "cheque", int64(0))
	f.Add("openwallet", "१", "", "\x00", "\xff", int64(1)<<60, int64(0), int64(0), "card", int64(7)<<60)
	name := regexp.MustCompile(`^[!-~]{0,64}$`)
	f.Fuzz(func(t *testing.T, provider, reference, id, transaction, order string, amount, fee, tax int64, method string, at int64) {
		q := desk.ImportPaymentRequest{
			Provider: provider, Reference: reference, ID: desk.ID(id), Transaction: transaction, Order: order,
			Amount: ledger.Amount(amount), Fee: ledger.Amount(fee), Tax: ledger.Amount(tax), Method: method, CapturedAt: ledger.Time(at),
		}
		now := ledger.Time(1767000000000000)
		if err := q.Check(now); err != nil {
			if ledger.CodeOf(err) != ledger.Invalid {
				t.Fatalf("%+v: %v", q, err)
			}
			return
		}
		if amount < 1 || amount > int64(ledger.MaxAmount) || tax < 0 || tax > fee || fee > amount || q.CapturedAt > now {
			t.Fatalf("it takes %+v", q)
		}
		for _, s := range []string{provider, reference, id, transaction, order, method} {
			if !name.MatchString(s) {
				t.Fatalf("it takes %q in %+v", s, q)
			}
		}
	})
}
