package native

import (
	"fmt"
	"testing"

	"wapas/desk"
)

// A book's calls are listed without their bodies and read with them, by either
// id; what was done by hand by a credential is an act.
func TestLog(t *testing.T) {
	h, c := openCaller(t)
	var rows []desk.RequestRow
	for i := range 3 {
		rows = append(rows, desk.RequestRow{
			ID: desk.RequestRowID(desk.FirstMoment.Add(1), fmt.Sprint(i)), Request: fmt.Sprintf("r%d", i), Room: "razorpay", Method: "POST", Path: "/v1/orders",
			Status: int64(200 + 200*(i%2)), Took: 1500_000, Caller: "key", Body: "{}", Answer: "[]", About: desk.ID(fmt.Sprintf("order_%d", i)), At: desk.FirstMoment.Add(1),
		})
	}
	if err := h.Desk.Store.KeepRequests(t.Context(), h.Book, rows); err != nil {
		t.Fatal(err)
	}
	if err := h.Desk.Store.KeepRequests(t.Context(), h.Live, []desk.RequestRow{{ID: "req_live", Request: "live"}}); err != nil {
		t.Fatal(err)
	}
	var all page[call]
	c.ask("GET", "/requests?limit=2", "", &all)
	if len(all.Items) != 2 || all.Items[0].ID != rows[2].ID || all.Items[0].Body != "" || all.Items[0].Answer != "" || all.Next == "" || all.Items[0].Took != 1500 {
		t.Errorf("got %+v", all)
	}
	var next page[call]
	c.ask("GET", "/requests?limit=2&after="+all.Next, "", &next)
	if len(next.Items) != 1 || next.Items[0].ID != rows[0].ID || next.Next != "" {
		t.Errorf("got %+v", next)
	}
	for query, want := range map[string]int{"class=4": 1, "about=order_1": 1, "room=eko": 0, "class=2&room=razorpay": 2} {
		var got page[call]
		c.ask("GET", "/requests?"+query, "", &got)
		if len(got.Items) != want {
			t.Errorf("%s: %d", query, len(got.Items))
		}
	}
	for _, id := range []string{string(rows[1].ID), "r1"} {
		var got call
		c.ask("GET", "/requests/"+id, "", &got)
		if got.ID != rows[1].ID || got.Body != "{}" || got.Answer != "[]" {
			t.Errorf("got %+v", got)
		}
	}

	var b booking
	c.ask("POST", "/bookings/own_funds", `{"amount":1000,"reference":"OF-1"}`, &b)
	var p payment
	c.ask("POST", "/payments", `{"amount":49900}`, &p) // which is not done by hand
	var acts page[auditLine]
	c.ask("GET", "/audit?about="+string(b.ID), "", &acts)
	if len(acts.Items) != 1 || acts.Items[0].What != "native.bookOwnFunds" || acts.Items[0].By != desk.BearerName([]byte(testToken)) {
		t.Errorf("got %+v", acts)
	}
	c.ask("GET", "/audit", "", &acts)
	if len(acts.Items) != 1 {
		t.Errorf("got %+v", acts)
	}
}
