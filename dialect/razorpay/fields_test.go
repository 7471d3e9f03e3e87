package razorpay

import (
	"net/http/httptest"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/dialect"
)

// reading is a room whose one route reads a body as test does, and answers
// with what it understood.
func reading(t *testing.T, read func(b *fields) any) *room {
	r := &room{desk: &desk.Desk{}}
	r.tree.add(route{"POST", "/read", func(q *request) (any, error) {
		b := q.body()
		v := read(b)
		return v, b.done()
	}, open})
	return r
}

const asJSON, asForm = "application/json", "application/x-www-form-urlencoded"

// errorBody is a 400 of the validation family.
func errorBody(text, field string) string {
	if field != "" {
		field = `,"field":"` + field + `"`
	}
	return `{"error":{"code":"BAD_REQUEST_ERROR","description":"` + text + `"` + field +
		`,"source":"business","step":"payment_initiation","reason":"input_validation_failed","metadata":{}}}`
}

func extraBody(fields string) string {
	return strings.Replace(errorBody(fields+" is/are not required and should not be sent", ""), "input_validation_failed", "extra_field_sent", 1)
}

func TestFields(t *testing.T) {
	amount := func(b *fields) any { n, ok := b.amount("amount"); return []any{n, ok} }
	flag := func(b *fields) any { n, ok := b.flag("reverse_all"); return []any{n, ok} }
	text := func(b *fields) any { return b.text("receipt", 5) }
	notes := func(b *fields) any { n, ok := b.notes("notes"); return []any{n, ok} }
	hold := func(b *fields) any { n, ok := b.time("on_hold_until"); return []any{n.Unix(), ok} }
	texts := func(b *fields) any { n, ok := b.texts("events", 5); return []any{n, ok} }
	id := func(b *fields) any { return b.id("customer", "cust") }
	deep := func(b *fields) any {
		b.require("transfers")
		all, _ := b.objects("transfers")
		var out []any
		for _, f := range all {
			f.require("account")
			n, _ := f.amount("amount")
			out = append(out, []any{f.id("account", "acc"), n})
		}
		return out
	}
	order := func(b *fields) any {
		b.require("amount", "currency")
		b.amount("amount")
		b.text("currency", 3)
		b.flag("partial_payment")
		p := b.object("payment")
		p.one("capture", "automatic", "manual")
		return "ok"
	}
	longNotes := func(n int, key, val string) string {
		var pairs []string
		for i := range n {
			pairs = append(pairs, `"`+key+string(rune('a'+i))+`":"`+val+`"`)
		}
		return `{"notes":{` + strings.Join(pairs, ",") + `}}`
	}

	for _, c := range []struct {
		read  func(*fields) any
		kind  string
		body  string
		reply string
	}{
		// Amounts.
		{amount, asJSON, `{"amount":100}`, `[100,true]`},
		{amount, asJSON, `{"amount":"100"}`, `[100,true]`},
		{amount, asJSON, `{"amount":100.0}`, `[100,true]`},
		{amount, asJSON, `{"amount":1e2}`, `[100,true]`},
		{amount, asJSON, `{"amount":0}`, `[0,true]`},
		{amount, asJSON, `{"amount":-1}`, `[-1,true]`},
		{amount, asJSON, `{"amount":null}`, `[0,false]`},
		{amount, asJSON, `{"amount":""}`, `[0,false]`},
		{amount, asJSON, `{}`, `[0,false]`},
		{amount, asJSON, `null`, `[0,false]`},
		{amount, asJSON, `[]`, `[0,false]`},
		{amount, asJSON, ``, `[0,false]`},
		{amount, asForm, ``, `[0,false]`},
		{amount, asForm, `amount=100`, `[100,true]`},
		{amount, asForm, `{"amount":100}`, `[100,true]`},
		{amount, "", `{"amount":100}`, `[100,true]`},
		{amount, "text/plain", `{"amount":100}`, `[100,true]`},
		{amount, asJSON + "; charset=utf-8", `{"amount":100}`, `[100,true]`},
		{amount, asJSON, `{"amount":100.5}`, errorBody("The amount must be an integer.", "amount")},
		{amount, asJSON, `{"amount":"100.0"}`, errorBody("The amount must be an integer.", "amount")},
		{amount, asJSON, `{"amount":"1e2"}`, errorBody("The amount must be an integer.", "amount")},
		{amount, asJSON, `{"amount":"+1"}`, errorBody("The amount must be an integer.", "amount")},
		{amount, asJSON, `{"amount":" 1"}`, errorBody("The amount must be an integer.", "amount")},
		{amount, asJSON, `{"amount":"abc"}`, errorBody("The amount must be an integer.", "amount")},
		{amount, asJSON, `{"amount":true}`, errorBody("The amount must be an integer.", "amount")},
		{amount, asJSON, `{"amount":[1]}`, errorBody("The amount must be an integer.", "amount")},
		{amount, asJSON, `{"amount":{}}`, errorBody("The amount must be an integer.", "amount")},
		{amount, asJSON, `{"amount":9223372036854775808}`, errorBody("The amount must be an integer.", "amount")},
		{amount, asJSON, `{"amount":9223372036854775807}`, errorBody("The amount may not be greater than 1000000000000.", "amount")},
		{amount, asForm, `amount[]=100`, errorBody("The amount must be an integer.", "amount")},

		// Yes and no.
		{flag, asJSON, `{"reverse_all":1}`, `[true,true]`},
		{flag, asJSON, `{"reverse_all":0}`, `[false,true]`},
		{flag, asJSON, `{"reverse_all":"1"}`, `[true,true]`},
		{flag, asJSON, `{"reverse_all":"0"}`, `[false,true]`},
		{flag, asJSON, `{"reverse_all":true}`, `[true,true]`},
		{flag, asJSON, `{"reverse_all":"false"}`, `[false,true]`},
		{flag, asJSON, `{"reverse_all":null}`, `[false,false]`},
		{flag, asForm, `reverse_all=1`, `[true,true]`},
		{flag, asJSON, `{"reverse_all":2}`, errorBody("The reverse all field must be true or false.", "reverse_all")},
		{flag, asJSON, `{"reverse_all":"yes"}`, errorBody("The reverse all field must be true or false.", "reverse_all")},
		{flag, asJSON, `{"reverse_all":[]}`, errorBody("The reverse all field must be true or false.", "reverse_all")},

		// Texts.
		{text, asJSON, `{"receipt":"₹₹₹₹₹"}`, `"₹₹₹₹₹"`},
		{text, asJSON, `{"receipt":"<&>"}`, `"<&>"`},
		{text, asJSON, `{"receipt":12345}`, `"12345"`},
		{text, asJSON, `{"receipt":"123456"}`, errorBody("The receipt may not be greater than 5 characters.", "receipt")},
		{text, asJSON, `{"receipt":true}`, errorBody("The receipt must be a string.", "receipt")},
		{text, asJSON, `{"receipt":{"a":1}}`, errorBody("The receipt must be a string.", "receipt")},
		{texts, asJSON, `{"events":["a","b"]}`, `[["a","b"],true]`},
		{texts, asJSON, `{"events":{"1":"b","0":"a"}}`, `[["a","b"],true]`},
		{texts, asJSON, `{"events":"a"}`, `[["a"],true]`},
		{texts, asForm, `events[]=a&events[]=b`, `[["a","b"],true]`},
		{texts, asForm, `events[]=`, `[null,true]`},
		{texts, asJSON, `{"events":[1]}`, errorBody("The events.0 must be a string.", "events.0")},
		{texts, asJSON, `{"events":["a","123456"]}`, errorBody("The events.1 may not be greater than 5 characters.", "events.1")},
		{texts, asJSON, `{"events":{"a":"b"}}`, errorBody("The events must be an array.", "events")},

		// Moments.
		{hold, asJSON, `{"on_hold_until":1767000000}`, `[1767000000,true]`},
		{hold, asJSON, `{"on_hold_until":"946684800"}`, `[946684800,true]`},
		{hold, asJSON, `{"on_hold_until":946684799}`, errorBody("on_hold_until must be between 946684800 and 4765046400", "on_hold_until")},
		{hold, asJSON, `{"on_hold_until":4765046401}`, errorBody("on_hold_until must be between 946684800 and 4765046400", "on_hold_until")},
		{hold, asJSON, `{"on_hold_until":"soon"}`, errorBody("on_hold_until must be an integer.", "on_hold_until")},
		{hold, asJSON, `{"on_hold_until":true}`, errorBody("on_hold_until must be an integer.", "on_hold_until")},

		// Ids.
		{id, asJSON, `{"customer":"cust_0123456789abcD"}`, `"cust_0123456789abcD"`},
		{id, asJSON, `{"customer":"cust_LQPd9lomgwDE5Fsx"}`, errorBody("LQPd9lomgwDE5Fsx is not a valid id", "")},
		{id, asJSON, `{"customer":"cust__29QQoUBi66xm2f"}`, errorBody("_29QQoUBi66xm2f is not a valid id", "")},
		{id, asJSON, `{"customer":"pay_29QQoUBi66xm2f"}`, errorBody("29QQoUBi66xm2f is not a valid id", "")},
		{id, asJSON, `{"customer":"29QQoUBi66xm2f"}`, errorBody("29QQoUBi66xm2f is not a valid id", "")},
		{id, asJSON, `{"customer":7}`, errorBody("The customer must be a string.", "customer")},

		// Notes.
		{notes, asJSON, `{"notes":{"b":"<1>","a":2.50,"c":true,"d":null}}`, `["{\"b\":\"<1>\",\"a\":2.50,\"c\":true,\"d\":null}",true]`},
		{notes, asJSON, `{"notes":{}}`, `["",true]`},
		{notes, asJSON, `{"notes":[]}`, `["",true]`},
		{notes, asJSON, `{"notes":null}`, `["",false]`},
		{notes, asForm, `notes[a]=b&notes[c]=d`, `["{\"a\":\"b\",\"c\":\"d\"}",true]`},
		{notes, asJSON, longNotes(1, strings.Repeat("₹", 255), strings.Repeat("₹", 256)), `["` + strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(longNotes(1, strings.Repeat("₹", 255), strings.Repeat("₹", 256)), `{"notes":`), `}`), `"`, `\"`) + `",true]`},
		{notes, asJSON, longNotes(16, "k", "v"), errorBody("Notes validation failed.", "notes")},
		{notes, asJSON, longNotes(1, "k", strings.Repeat("v", 257)), errorBody("Notes validation failed.", "notes")},
		{notes, asJSON, longNotes(1, strings.Repeat("k", 256), "v"), errorBody("Notes validation failed.", "notes")},
		{notes, asJSON, `{"notes":{"a":{"b":1}}}`, errorBody("Notes validation failed.", "notes")},
		{notes, asJSON, `{"notes":{"a":[1]}}`, errorBody("Notes validation failed.", "notes")},
		{notes, asJSON, `{"notes":["a"]}`, errorBody("Notes validation failed.", "notes")},
		{notes, asJSON, `{"notes":"a"}`, errorBody("Notes validation failed.", "notes")},
		{notes, asJSON, `{"notes":1}`, errorBody("Notes validation failed.", "notes")},

		// Lists of objects.
		{deep, asJSON, `{"transfers":[{"account":"acc_0123456789abcD","amount":5}]}`, `[["acc_0123456789abcD",5]]`},
		{deep, asForm, `transfers[0][account]=acc_0123456789abcD&transfers[0][amount]=5`, `[["acc_0123456789abcD",5]]`},
		{deep, asJSON, `{}`, errorBody("The transfers field is required.", "transfers")},
		{deep, asJSON, `{"transfers":"x"}`, errorBody("The transfers must be an array.", "transfers")},
		{deep, asJSON, `{"transfers":["x"]}`, errorBody("The transfers.0 must be an array.", "transfers.0")},
		{deep, asJSON, `{"transfers":[{"amount":5}]}`, errorBody("The transfers.0.account field is required.", "transfers.0.account")},
		{deep, asJSON, `{"transfers":[{"account":"acc_0123456789abcD","amount":1.5}]}`, errorBody("The transfers.0.amount must be an integer.", "transfers.0.amount")},
		{deep, asJSON, `{"transfers":[{"account":"acc_0123456789abcD","amount":5,"x":1}]}`, extraBody("transfers.0.x")},

		// The first fault wins, and fields that nobody asked for come last, all
		// at once.
		{order, asJSON, `{"amount":1,"currency":"INR","payment":{"capture":"manual"}}`, `"ok"`},
		{order, asJSON, `{"amount":1,"currency":"INR","payment":[]}`, `"ok"`},
		{order, asJSON, `{"partial_payment":"x","y":1}`, errorBody("The amount field is required.", "amount")},
		{order, asJSON, `{"amount":"","currency":""}`, errorBody("The amount field is required.", "amount")},
		{order, asJSON, `{"amount":1.5,"y":1}`, errorBody("The currency field is required.", "currency")},
		{order, asJSON, `{"amount":1.5,"currency":"RUPEE","y":1}`, errorBody("The amount must be an integer.", "amount")},
		{order, asJSON, `{"amount":1,"currency":"RUPEE","y":1}`, errorBody("The currency may not be greater than 3 characters.", "currency")},
		{order, asJSON, `{"amount":1,"currency":"INR","partial_payment":"x","y":1}`, errorBody("The partial payment field must be true or false.", "partial_payment")},
		{order, asJSON, `{"amount":1,"currency":"INR","payment":{"capture":"later"}}`, errorBody("The selected payment.capture is invalid.", "payment.capture")},
		{order, asJSON, `{"amount":1,"currency":"INR","payment":7}`, errorBody("The payment must be an array.", "payment")},
		{order, asJSON, `{"amount":1,"currency":"INR","y":1,"x":2,"payment":{"z":3}}`, extraBody("y, x, payment.z")},

		// Bodies that cannot be read.
		{amount, asJSON, `{"amount":100`, errorBody(`syntax error but provided {\"amount\":100`, "")},
		{amount, asJSON, `amount=100`, errorBody(`syntax error but provided amount=100`, "")},
		{amount, "", `amount=100`, errorBody(`syntax error but provided amount=100`, "")},
		{amount, asJSON, `{"amount":1,"amount":2}`, errorBody(`syntax error but provided {\"amount\":1,\"amount\":2}`, "")},
		{amount, asJSON, `[1]`, errorBody(`syntax error but provided [1]`, "")},
		{amount, asJSON, `"x"`, errorBody(`syntax error but provided \"x\"`, "")},
		{amount, asJSON, "{\"amount\":\"\xff\"}", errorBody("syntax error but provided {\\\"amount\\\":\\\"\uFFFD\\\"}", "")},
		{amount, asJSON, `{"amount":"\u0000"}`, errorBody(`syntax error but provided {\"amount\":\"\\u0000\"}`, "")},
		{amount, asForm, `amount=%00`, errorBody(`syntax error but provided amount=%00`, "")},
		{amount, asForm, `amount=%zz`, errorBody(`syntax error but provided amount=%zz`, "")},
	} {
		r := httptest.NewRequest("POST", "/read", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		w := httptest.NewRecorder()
		reading(t, c.read).ServeHTTP(w, r)
		if got := w.Body.String(); got != c.reply {
			t.Errorf("%s %.80s\n got %s\nwant %s", c.kind, c.body, got, c.reply)
		}
		want := 200
		if strings.HasPrefix(c.reply, `{"error"`) {
			want = 400
		}
		if w.Code != want {
			t.Errorf("%s %.80s: status %d, want %d", c.kind, c.body, w.Code, want)
		}
	}
}

// A body that is too large is refused before all of it was read.
func TestTooLarge(t *testing.T) {
	r := httptest.NewRequest("POST", "/read", strings.NewReader(`{"amount":"`+strings.Repeat("1", maxBody)+`"}`))
	w := httptest.NewRecorder()
	reading(t, func(b *fields) any { n, _ := b.amount("amount"); return n }).ServeHTTP(w, r)
	if want := errorBody("The request body may not be greater than 1048576 bytes.", ""); w.Code != 413 || w.Body.String() != want {
		t.Errorf("got %d %s\nwant 413 %s", w.Code, w.Body, want)
	}
}

// Pages and expansions are read in all their spellings.
func TestQuery(t *testing.T) {
	r := &room{desk: &desk.Desk{}}
	r.tree.add(route{"GET", "/list", func(q *request) (any, error) {
		p, err := q.page()
		if err != nil {
			return nil, err
		}
		e, err := q.expand([]string{"card", "offers"}, "upi")
		return []any{p.Count, p.Skip, p.From.Unix(), p.To.Unix(), e}, err
	}, open})
	const none = `[10,0,0,0,{}]`
	const card = `[10,0,0,0,{"card":true}]`
	const both = `[10,0,0,0,{"card":true,"offers":true}]`
	badKind := func(at string) string {
		return errorBody("Value of each expand must be one of following types: card, offers", "expand."+at)
	}
	for _, c := range []struct{ query, reply string }{
		{"", none},
		{"?count=100&skip=5&from=946684800&to=4765046400", `[100,5,946684800,4765046400,{}]`},
		{"?count=&skip=&from=&to=", none},
		{"?what=ever&status", none},
		{"?count=101", errorBody("The count may not be greater than 100.", "count")},
		{"?count=0", errorBody("The count must be at least 1.", "count")},
		{"?count=-1", errorBody("The count must be at least 1.", "count")},
		{"?count=x", errorBody("The count must be an integer.", "count")},
		{"?count[]=1", errorBody("The count must be an integer.", "count")},
		{"?skip=-1", errorBody("The skip must be at least 0.", "skip")},
		{"?skip=1.5", errorBody("The skip must be an integer.", "skip")},
		{"?from=946684799", errorBody("from must be between 946684800 and 4765046400", "from")},
		{"?to=4765046401", errorBody("to must be between 946684800 and 4765046400", "to")},
		{"?from=x", errorBody("from must be an integer.", "from")},
		{"?to=1e9", errorBody("to must be an integer.", "to")},
		{"?count=0&skip=-1&from=x", errorBody("The count must be at least 1.", "count")},
		{"?expand[]=card", card},
		{"?expand%5B%5D=card", card},
		{"?expand=card", card},
		{"?expand[0]=card", card},
		{"?expand[expand]=card", card},
		{"?expand[expand][0]=card", card},
		{"?expand[]=card&expand[]=offers", both},
		{"?expand[0]=card&expand[1]=offers", both},
		{"?expand[expand][0]=card&expand[expand][1]=offers", both},
		{"?expand[]=[card+offers]", both},
		{"?expand[]=%5Bcard%20offers%5D", both},
		{"?expand[]=upi", `[10,0,0,0,{"upi":true}]`},
		{"?expand[]=", none},
		{"?expand[]=cards", badKind("0")},
		{"?expand[]=card&expand[]=cards", badKind("1")},
		{"?a=%zz", errorBody("syntax error but provided a=%zz", "")},
	} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest("GET", "/list"+c.query, nil))
		if got := w.Body.String(); got != c.reply {
			t.Errorf("%s\n got %s\nwant %s", c.query, got, c.reply)
		}
	}
}

// FuzzFields reads whatever a form can hold as whatever a field can be.
func FuzzFields(f *testing.F) {
	for _, s := range []string{"a=1&b[c]=2&c[x]=3&d[]=4&e[0][f]=5", "d[0][amount]=1&e[]=x&f=12345", "%5B%5D=", "a[][]=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, err := dialect.ParseForm(s)
		if err != nil {
			return
		}
		body := newFields(o)
		body.amount("a")
		body.flag("b")
		body.notes("c")
		body.objects("d")
		body.texts("e", 10)
		body.time("f")
		body.done()
	})
}
