package engage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/ledger"
)

// There is no published client of this API, so this is one as an integrator
// writes it from the page: it knows the host, the path, the token, the shapes,
// and nothing of us.
type client struct{ base, token string }

// A transaction is the success of the page; an apiError its failure.
type transaction struct {
	ID       string  `json:"id"`
	Entity   string  `json:"entity"`
	Amount   int64   `json:"amount"`
	Type     string  `json:"type"`
	Currency string  `json:"currency"`
	GiftCard *string `json:"giftcard"`
	Wallet   struct {
		UserID    string `json:"user_id"`
		ProgramID string `json:"program_id"`
		Balance   int64  `json:"balance"`
	} `json:"wallet"`
	ReferenceID string            `json:"reference_id"`
	SourceID    string            `json:"source_id"`
	Notes       map[string]string `json:"notes"`
	Linked      *string           `json:"linked_transaction_id"`
	CreatedAt   int64             `json:"created_at"`
}

type apiError struct {
	Status int `json:"-"`
	Err    struct {
		Code, Description, Field, Reason string
	} `json:"error"`
}

func (e *apiError) Error() string { return fmt.Sprint(e.Status, e.Err) }

// login gets a token by client_credentials, as a form.
func (c *client) login(id, secret, mode string) error {
	resp, err := http.PostForm(c.base+"/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}, "mode": {mode},
	})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var t struct {
		Token string `json:"access_token"`
		Type  string `json:"token_type"`
		Life  int    `json:"expires_in"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&t); err != nil || t.Type != "Bearer" || t.Life != 7862400 {
		return fmt.Errorf("token %+v, %v", t, err)
	}
	c.token = t.Token
	return nil
}

// credit asks for a credit; raw is the body of the answer.
func (c *client) credit(ask map[string]any) (t transaction, raw string, err error) {
	body, err := json.Marshal(ask)
	if err != nil {
		return t, "", err
	}
	r, err := http.NewRequest("POST", c.base+"/issuinghq/test/v3/engage/transactions/credit", bytes.NewReader(body))
	if err != nil {
		return t, "", err
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return t, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return t, "", err
	}
	if resp.StatusCode != http.StatusOK {
		e := &apiError{Status: resp.StatusCode}
		if err := json.Unmarshal(data, e); err != nil {
			return t, string(data), err
		}
		return t, string(data), e
	}
	return t, string(data), json.Unmarshal(data, &t)
}

// serve is a house with the room on a real port, and a client that has logged in.
func serve(t *testing.T) (*dialecttest.House, *client) {
	t.Helper()
	h := dialecttest.Open(t)
	srv := httptest.NewServer(openRoom(t, h).Handler)
	t.Cleanup(func() {
		srv.Close()
		h.Audit(t)
	})
	c := &client{base: srv.URL}
	if err := c.login(testClient, testSecret, "test"); err != nil {
		t.Fatal(err)
	}
	return h, c
}

func sample() map[string]any {
	return map[string]any{
		"email": "abc@example.com", "contact": "9663957855", "partner_user_id": "9663957855", "amount": 10000, "action": "load",
		"currency": "INR", "reference_id": "clickpost_return_id", "purpose": "refund", "notes": map[string]string{"order_id": "merchant_order_id"},
	}
}

// A returns platform works by changing the base URL: it logs in, credits, and
// understands what it is told, good and bad.
func TestClient(t *testing.T) {
	_, c := serve(t)
	got, raw, err := c.credit(sample())
	if err != nil {
		t.Fatal(err, raw)
	}
	for name, id := range map[string]string{"ientxn_": got.ID, "iuser_": got.Wallet.UserID, "iprog_": got.Wallet.ProgramID, "iload_": got.SourceID} {
		if !strings.HasPrefix(id, name) || len(id) != len(name)+14 {
			t.Errorf("id %q, want %s and 14 characters", id, name)
		}
	}
	if got.Entity != "engage.transaction" || got.Amount != 10000 || got.Type != "credit" || got.Currency != "INR" || got.GiftCard != nil || got.Linked != nil ||
		got.Wallet.Balance != 10000 || got.ReferenceID != "clickpost_return_id" || got.Notes["order_id"] != "merchant_order_id" || got.CreatedAt != dialecttest.Start {
		t.Errorf("credited %+v", got)
	}
	// The fields in the order of the sample.
	at := 0
	for _, field := range []string{"id", "entity", "amount", "type", "currency", "giftcard", "wallet", "user_id", "program_id", "balance",
		"reference_id", "source_id", "notes", "linked_transaction_id", "created_at"} {
		i := strings.Index(raw[at:], `"`+field+`":`)
		if i < 0 {
			t.Fatalf("%s is not behind what comes before it in %s", field, raw)
		}
		at += i
	}
	ask := sample()
	ask["amount"], ask["reference_id"] = 99, "another"
	_, _, err = c.credit(ask)
	e, ok := err.(*apiError)
	if !ok || e.Status != 400 || e.Err.Code != "BAD_REQUEST_ERROR" || e.Err.Description != "amount should be at least 1 rupee" || e.Err.Field != "amount" || e.Err.Reason != "invalid_amount" {
		t.Errorf("a credit of 99 paise hears %v", err)
	}
}

// Sixty-four of the same request at once have one effect, and the same answer
// to the byte. Of sixty-four with one reference and other amounts one is made,
// and the rest are refused.
func TestSameReferenceAtOnce(t *testing.T) {
	h, c := serve(t)
	all := func(ask func(i int) map[string]any) (raws map[string]int, refused int) {
		var mu sync.Mutex
		var wg sync.WaitGroup
		raws = map[string]int{}
		for i := range 64 {
			wg.Go(func() {
				_, raw, err := c.credit(ask(i))
				mu.Lock()
				defer mu.Unlock()
				switch e, ok := err.(*apiError); {
				case err == nil:
					raws[raw]++
				case ok && e.Status == 409 && e.Err.Field == "reference_id":
					refused++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		return raws, refused
	}
	same, refused := all(func(int) map[string]any { return sample() })
	if len(same) != 1 || refused != 0 {
		t.Errorf("the same request had %d answers and %d refusals: %v", len(same), refused, same)
	}
	one, refused := all(func(i int) map[string]any {
		ask := sample()
		ask["reference_id"], ask["amount"] = "contended", 100+i
		return ask
	})
	if len(one) != 1 || refused != 63 {
		t.Errorf("other amounts had %d answers and %d refusals", len(one), refused)
	}
	credits, err := desk.List[desk.Credit](t.Context(), h.Desk, desk.Query{Book: h.Book})
	if err != nil || len(credits) != 2 {
		t.Errorf("there are %d credits, %v", len(credits), err)
	}
}

// Many customers at once: every credit is made once and the sums are right.
func TestManyCustomersAtOnce(t *testing.T) {
	h, c := serve(t)
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			ask := sample()
			ask["partner_user_id"], ask["reference_id"], ask["amount"] = fmt.Sprint("customer ", i%20), fmt.Sprint("return ", i), 100+i
			if _, _, err := c.credit(ask); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	as, err := h.Desk.Store.Balances(t.Context(), h.Book)
	if err != nil {
		t.Fatal(err)
	}
	holders := 0
	for id := range as {
		if id.Code() == ledger.StoreCredit {
			holders++
		}
	}
	if want := ledger.Amount(200*100 + 199*200/2); as[ledger.ProgrammeOwes].Amount != want || holders != 20 {
		t.Errorf("promised %d to %d customers, want %d to 20", as[ledger.ProgrammeOwes].Amount, holders, want)
	}
}
