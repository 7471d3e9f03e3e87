package soak

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"

	"wapas/desk"
)

// The credentials of the town's clients.
const (
	rzpKey, rzpSecret = "rzp_test_soak0000000001", "soakSecret00000000000001"
	nativeToken       = "soak_native_token_00000001"
	engageToken       = "soak_engage_token_00000001"
	phonepeMerchant   = "SOAK"
	phonepeSalt       = "099eb0cd-02cf-4e2a-8aca-3e6c6aff0399"
	ekoKey, ekoAccess = "soakdeveloperkey0000000000000001", "soak-access-key"
)

var credentials = []desk.IssueRequest{
	{Room: "razorpay", Name: rzpKey, Secret: []byte(rzpSecret)},
	{Room: "native", Secret: []byte(nativeToken)},
	{Room: "engage", Secret: []byte(engageToken)},
	{Room: "phonepe", Name: phonepeMerchant + "#1", Secret: []byte(phonepeSalt)},
	{Room: "eko", Name: ekoKey, Secret: []byte(ekoAccess)},
}

// A call is one request of a client: what is sent, what the model must do with
// it, and how its answer is read in the model's words.
type call struct {
	act          string
	room         string
	method, path string
	body         string
	head         []string
	key          string // requests with this key are refused while one is under way on the server
	plan         func() string
	read         func(status int, said spoken) string
	late         func() string     // what must be answered, if that is decided when it is
	bind         func(said spoken) // learns the ids of what was made
	right        func() bool       // whether only a server with the right clock may be asked

	planned bool
	want    string
	busy    bool // another with its key was under way when it began
}

// A spoken is an answer: a JSON object as it came.
type spoken map[string]any

// text is what lies at a path of it, as text.
func (a spoken) text(path ...string) string {
	var v any = map[string]any(a)
	for _, p := range path {
		switch x := v.(type) {
		case map[string]any:
			v = x[p]
		case []any:
			i := int(p[0] - '0')
			if i >= len(x) {
				return ""
			}
			v = x[i]
		}
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// number is the same as paise.
func (a spoken) number(path ...string) int64 {
	var n int64
	fmt.Sscan(a.text(path...), &n)
	return n
}

// items is a list in it.
func (a spoken) items() (all []spoken) {
	list, _ := a["items"].([]any)
	for _, x := range list {
		if o, ok := x.(map[string]any); ok {
			all = append(all, o)
		}
	}
	return all
}

// send has a machine answer a call.
func (m *machine) send(ctx context.Context, c *call) (status int, said spoken, raw string) {
	r := httptest.NewRequestWithContext(ctx, c.method, "http://wapas.test"+c.path, strings.NewReader(c.body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Request-Id", "soak")
	sign(r, c, m)
	for i := 0; i+1 < len(c.head); i += 2 {
		r.Header.Set(c.head[i], c.head[i+1])
	}
	rec := httptest.NewRecorder()
	m.handler.ServeHTTP(rec, r)
	d := json.NewDecoder(strings.NewReader(rec.Body.String()))
	d.UseNumber()
	if err := d.Decode(&said); err != nil {
		m.world.fail("%s %s was answered with no JSON: %d %s", c.method, c.path, rec.Code, rec.Body)
	}
	return rec.Code, said, rec.Body.String()
}

// sign signs a request as the room's clients do.
func sign(r *http.Request, c *call, m *machine) {
	switch c.room {
	case "razorpay":
		r.SetBasicAuth(rzpKey, rzpSecret)
	case "native":
		r.Header.Set("Authorization", "Bearer "+nativeToken)
	case "engage":
		r.Header.Set("Authorization", "Bearer "+engageToken)
	case "salt": // PhonePe's older generations
		payload := strings.TrimSuffix(strings.TrimPrefix(c.body, `{"request":"`), `"}`)
		sum := sha256.Sum256([]byte(payload + c.path + phonepeSalt))
		r.Header.Set("X-VERIFY", hex.EncodeToString(sum[:])+"###1")
	case "eko":
		now := strconv.FormatInt(m.now().UnixMilli(), 10)
		mac := hmac.New(sha256.New, []byte(base64.StdEncoding.EncodeToString([]byte(ekoAccess))))
		mac.Write([]byte(now))
		r.Header.Set("developer_key", ekoKey)
		r.Header.Set("secret-key", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		r.Header.Set("secret-key-timestamp", now)
	}
}

// get asks a machine something, outside of all faults, and wants an answer.
func (w *world) get(m *machine, room, path string) spoken {
	status, said, raw := m.send(context.Background(), &call{room: room, method: "GET", path: path})
	if status != http.StatusOK {
		w.fail("GET %s: %d %s", path, status, raw)
	}
	return said
}
