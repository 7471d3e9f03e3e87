package sim

import (
	"regexp"
	"testing"
	"time"

	"wapas/ledger"
	"wapas/rail"
)

// sent is when every order of these tests is sent: 1 May 2026, 00:00 IST.
var sent = ledger.At(time.Date(2026, 4, 30, 18, 30, 0, 0, time.UTC))

// What the rail says when an order is sent, and when it is asked at later
// moments, for every rule there is.
func TestRules(t *testing.T) {
	type at struct {
		after   time.Duration
		outcome rail.Outcome
		instant bool
		ask     time.Duration // 0: nothing more to say
	}
	card := func(a ledger.Amount) rail.Order { return rail.Order{What: "refund", Method: "card", Amount: a} }
	fast := func(a ledger.Amount) rail.Order {
		return rail.Order{What: "refund", Method: "upi", Speed: "optimum", Amount: a}
	}
	played := func(name string) rail.Order {
		o := card(100_13) // the scenario wins over the amount
		o.Scenario = name
		return o
	}
	in := func(o rail.Order, after time.Duration) rail.Order { o.After = after; return o }
	day := 24 * time.Hour
	for _, c := range []struct {
		name  string
		order rail.Order
		send  at
		asked []at
	}{
		{"whole rupees to a bank", card(100_00), at{0, rail.Pending, false, 2 * time.Second},
			[]at{{time.Second, rail.Pending, false, 2 * time.Second}, {2 * time.Second, rail.Done, false, 0}, {day, rail.Done, false, 0}}},
		{"to a wallet", rail.Order{What: "refund", Method: "wallet", Amount: 100_00}, at{0, rail.Done, false, 0}, nil},
		{"instant", fast(100_00), at{0, rail.Pending, true, 2 * time.Second}, []at{{2 * time.Second, rail.Done, true, 0}}},
		{"24.68, instant", fast(24_68), at{0, rail.Pending, false, 2 * time.Second}, []at{{2 * time.Second, rail.Done, false, 0}}},
		{"24.68, normal", card(24_68), at{0, rail.Pending, false, 2 * time.Second}, []at{{2 * time.Second, rail.Done, false, 0}}},
		{".13", card(100_13), at{0, rail.Refused, false, 0}, []at{{day, rail.Refused, false, 0}}},
		{".17", card(100_17), at{0, rail.Pending, false, time.Hour},
			[]at{{59 * time.Minute, rail.Pending, false, time.Hour}, {time.Hour, rail.Done, false, 0}}},
		{".19", card(100_19), at{0, rail.Unknown, false, 0}, []at{{90 * time.Second, rail.Done, false, 0}}},
		{".23", card(100_23), at{0, rail.Refused, false, day},
			[]at{{time.Hour, rail.Refused, false, day}, {day, rail.Done, false, 0}}},
		{".29", card(100_29), at{0, rail.Unknown, false, 0}, []at{{30 * day, rail.Unknown, false, 0}}},
		{"scenario done", played(rail.ScenarioDone), at{0, rail.Pending, false, 2 * time.Second}, []at{{2 * time.Second, rail.Done, false, 0}}},
		{"scenario refused", played(rail.ScenarioRefused), at{0, rail.Refused, false, 0}, nil},
		{"scenario silence", played(rail.ScenarioSilence), at{0, rail.Unknown, false, 0}, []at{{day, rail.Unknown, false, 0}}},
		{"scenario timeout", played(rail.ScenarioTimeout), at{0, rail.Unknown, false, 0}, []at{{time.Minute, rail.Done, false, 0}}},
		{"scenario late", played(rail.ScenarioLate), at{0, rail.Refused, false, day}, []at{{day, rail.Done, false, 0}}},
		{"scenario pending", played(rail.ScenarioPending), at{0, rail.Pending, false, time.Hour}, []at{{time.Hour, rail.Done, false, 0}}},
		{"scenario slow", func() rail.Order { o := fast(100_00); o.Scenario = rail.ScenarioSlow; return o }(),
			at{0, rail.Pending, false, 2 * time.Second}, []at{{2 * time.Second, rail.Done, false, 0}}},
		{"scenario not activated", played(rail.ScenarioNotActivated), at{0, rail.Refused, false, 0}, nil},
		{"scenario window", played(rail.ScenarioWindow), at{0, rail.Refused, false, 0}, nil},
		{"scenario hold", played(rail.ScenarioHold), at{0, rail.Pending, false, 0}, []at{{30 * day, rail.Pending, false, 0}}},
		{"scenario fault", played(rail.ScenarioFault), at{0, rail.Unknown, false, 0}, []at{{time.Minute, rail.Done, false, 0}}},
		{"done, its own time", in(played(rail.ScenarioDone), day), at{0, rail.Pending, false, day}, []at{{day, rail.Done, false, 0}}},
		{"refused, its own time", in(played(rail.ScenarioRefused), day), at{0, rail.Pending, false, day}, []at{{day, rail.Refused, false, 0}}},
		{"pending, its own time", in(played(rail.ScenarioPending), day), at{0, rail.Pending, false, day}, []at{{day, rail.Done, false, 0}}},
		{"hold, its own time", in(played(rail.ScenarioHold), day), at{0, rail.Pending, false, day}, []at{{day, rail.Done, false, 0}}},
		{"timeout, its own time", in(played(rail.ScenarioTimeout), day), at{0, rail.Unknown, false, 0},
			[]at{{time.Hour, rail.Unknown, false, 0}, {day, rail.Done, false, 0}}},
		{"fault, its own time", in(played(rail.ScenarioFault), day), at{0, rail.Unknown, false, 0},
			[]at{{time.Hour, rail.Unknown, false, 0}, {day, rail.Done, false, 0}}},
		{"late, its own time", in(played(rail.ScenarioLate), time.Hour), at{0, rail.Refused, false, time.Hour}, []at{{time.Hour, rail.Done, false, 0}}},
		{"returned, its own time", in(played(rail.ScenarioReturned), time.Hour), at{0, rail.Pending, false, 2 * time.Second},
			[]at{{2 * time.Second, rail.Done, false, time.Hour}, {time.Hour, rail.Refused, false, 0}}},
		{"a remittance by IMPS", rail.Order{What: "remittance", Method: "IMPS", Amount: 100_00}, at{0, rail.Done, false, 0}, nil},
		{"scenario returned", played(rail.ScenarioReturned), at{0, rail.Pending, false, 2 * time.Second},
			[]at{{2 * time.Second, rail.Done, false, day}, {day, rail.Refused, false, 0}}},
	} {
		check := func(what string, got rail.Answer, err error, want at) {
			t.Helper()
			ask := ledger.Time(0)
			if want.ask != 0 {
				ask = sent.Add(want.ask)
			}
			if got.Outcome != want.outcome || got.Instant != want.instant || got.AskAt != ask {
				t.Errorf("%s: %s: got %+v, want %+v", c.name, what, got, want)
			}
			if (err != nil) != (want.outcome == rail.Unknown) {
				t.Errorf("%s: %s: error %v with outcome %s", c.name, what, err, got.Outcome)
			}
			if (got.Reference != "") != (got.Outcome == rail.Done) {
				t.Errorf("%s: %s: reference %q with outcome %s", c.name, what, got.Reference, got.Outcome)
			}
			if refused := got.Outcome == rail.Refused; (got.Reason != "") != refused || refused && got.Code == "" {
				t.Errorf("%s: %s: reason %q and code %q with outcome %s", c.name, what, got.Reason, got.Code, got.Outcome)
			}
		}
		c.order.Reference, c.order.SentAt = "rfnd_00000000000001", sent
		got, err := Rail{}.Send(t.Context(), c.order, sent)
		check("sent", got, err, c.send)
		for _, a := range c.asked {
			got, err := Rail{}.Ask(t.Context(), c.order, sent.Add(a.after))
			check("asked after "+a.after.String(), got, err, a)
		}
	}
}

// Why an order is refused: what the tester says, or else what the scenario and
// the way it goes suggest; a known code brings its words.
func TestWhy(t *testing.T) {
	for _, c := range []struct {
		name         string
		order        rail.Order
		code, reason string
	}{
		{"a card", rail.Order{What: "refund", Method: "card"}, rail.CodeCreditFailed, "The customer's bank could not credit the account"},
		{"a VPA", rail.Order{What: "refund", Method: "upi"}, rail.CodeInvalidVPA, "The VPA is invalid or no longer active"},
		{"a wallet", rail.Order{What: "refund", Method: "wallet"}, rail.CodeLimit, "The wallet has reached its balance limit"},
		{"a payout", rail.Order{What: "payout", Method: "NEFT"}, rail.CodeNotFound, "Beneficiary account is blocked or does not exist"},
		{"a remittance", rail.Order{What: "remittance", Method: "NEFT"}, rail.CodeNotFound, "Beneficiary account is blocked or does not exist"},
		{"a code", rail.Order{What: "refund", Code: rail.CodeClosed}, rail.CodeClosed, "The account is closed"},
		{"a code and words", rail.Order{What: "refund", Code: rail.CodeClosed, Reason: "gone"}, rail.CodeClosed, "gone"},
		{"words", rail.Order{What: "refund", Method: "upi", Reason: "gone"}, rail.CodeInvalidVPA, "gone"},
		{"a code of one's own", rail.Order{What: "refund", Code: "tuesday"}, "tuesday", "tuesday"},
	} {
		c.order.Reference, c.order.Amount, c.order.Scenario = "rfnd_00000000000001", 100_00, rail.ScenarioRefused
		if got, _ := (Rail{}).Send(t.Context(), c.order, sent); got.Code != c.code || got.Reason != c.reason {
			t.Errorf("%s: refused as %q, %q; want %q, %q", c.name, got.Code, got.Reason, c.code, c.reason)
		}
	}
}

// Proofs have the shapes of the real ones, are the same for the same order,
// and another for another.
func TestReference(t *testing.T) {
	for _, c := range []struct {
		name  string
		order rail.Order
		shape string
	}{
		{"ARN", rail.Order{What: "refund", Method: "card"}, `^74123456121\d{12}$`},
		{"RRN", rail.Order{What: "refund", Method: "upi"}, `^612100\d{6}$`},
		{"UTR of netbanking", rail.Order{What: "refund", Method: "netbanking"}, `^SIMBN26121\d{6}$`},
		{"UTR of an instant refund", rail.Order{What: "refund", Method: "card", Speed: "optimum"}, `^612100\d{6}$`},
		{"ARN after a fallback", rail.Order{What: "refund", Method: "card", Speed: "optimum", Amount: FallbackAmount}, `^7\d{22}$`},
		{"UTR by IMPS", rail.Order{What: "payout", Method: "IMPS"}, `^612100\d{6}$`},
		{"UTR by NEFT", rail.Order{What: "payout", Method: "NEFT"}, `^[A-Z]{4}N\d{11}$`},
		{"UTR by RTGS", rail.Order{What: "payout", Method: "RTGS"}, `^[A-Z]{4}R520260501\d{8}$`},
	} {
		c.order.Reference = "rfnd_00000000000001"
		got := Reference(c.order, sent)
		if !regexp.MustCompile(c.shape).MatchString(got) {
			t.Errorf("%s: %q is not like %s", c.name, got, c.shape)
		}
		if again := Reference(c.order, sent); again != got {
			t.Errorf("%s: %q, then %q", c.name, got, again)
		}
		c.order.Reference = "rfnd_00000000000002"
		if other := Reference(c.order, sent); other == got {
			t.Errorf("%s: %q for two orders", c.name, got)
		}
	}
}

func TestLuhn(t *testing.T) {
	if got := luhn("7992739871"); got != '3' {
		t.Errorf("luhn(7992739871) = %c, want 3", got)
	}
}
