package native

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"wapas/desk"
)

// Who may refund makes jobs of refunds, and none of credits; who may only read
// makes none.
func TestJobScopes(t *testing.T) {
	h, c := openCaller(t)
	_, err := h.Desk.Issue(t.Context(), desk.IssueRequest{Room: Room, Book: h.Book, Secret: []byte("wapas_test_refunder"), Scopes: refundWrite})
	if err != nil {
		t.Fatal(err)
	}
	var credits job
	c.ask("POST", "/jobs", `{"what":"credit"}`, &credits)
	refunder := &caller{t: t, room: c.room, token: "wapas_test_refunder", keys: 100}
	for _, tt := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/jobs", `{"what":"refund"}`, http.StatusCreated},
		{"POST", "/jobs", `{"what":"credit"}`, http.StatusForbidden},
		{"POST", "/jobs/" + string(credits.ID) + "/rows", `{"rows":[{"partner_user_id":"a","contact":"9876543210","amount":100}]}`, http.StatusForbidden},
		{"POST", "/jobs/" + string(credits.ID) + "/start", `{"total":100}`, http.StatusForbidden},
		{"POST", "/jobs/" + string(credits.ID) + "/agree", ``, http.StatusForbidden},
		{"POST", "/jobs/" + string(credits.ID) + "/resume", ``, http.StatusForbidden},
		{"POST", "/jobs/" + string(credits.ID) + "/cancel", ``, http.StatusOK},
		{"GET", "/jobs/" + string(credits.ID), ``, http.StatusOK},
	} {
		if w := refunder.ask(tt.method, tt.path, tt.body, nil); w.Code != tt.status {
			t.Errorf("%s %s: %d %s, want %d", tt.method, tt.path, w.Code, w.Body, tt.status)
		}
	}
}

// The report of a job is read page by page, and has every row once.
func TestJobReport(t *testing.T) {
	h, c := openCaller(t)
	var j job
	c.ask("POST", "/jobs", `{"what":"refund"}`, &j)
	rows := strings.TrimSuffix(strings.Repeat(`{"payment":"nobody"},`, 250), ",")
	c.ask("POST", "/jobs/"+string(j.ID)+"/rows", `{"rows":[`+rows+`]}`, &j)
	c.ask("POST", "/jobs/"+string(j.ID)+"/preview", "", &j)
	h.Advance(t, 0)
	for _, filter := range []string{"", "&refused=true"} {
		next, seen := "", int64(0)
		for {
			var p page[jobRow]
			c.ask("GET", fmt.Sprintf("/jobs/%s/rows?limit=100%s&after=%s", j.ID, filter, next), "", &p)
			for _, r := range p.Items {
				if seen++; r.No != seen || r.State != desk.RowBad {
					t.Fatalf("row %d is %+v", seen, r)
				}
			}
			if next = p.Next; next == "" {
				break
			}
		}
		if seen != 250 {
			t.Errorf("the report%s has %d rows", filter, seen)
		}
	}
	text := c.ask("GET", "/jobs/"+string(j.ID)+"/report", "", nil).Body.String()
	if lines := strings.Split(text, "\n"); len(lines) != 252 || !strings.HasPrefix(lines[0], "row,names,") || !strings.HasPrefix(lines[250], "250,nobody,,,bad,0.00,") {
		t.Errorf("as a file it is %.300s…", text)
	}
	if w := c.ask("GET", "/jobs/job_00000000000000/report", "", nil); w.Code != http.StatusNotFound {
		t.Errorf("the report of no job: %d", w.Code)
	}
	w := c.ask("GET", "/jobs/"+string(j.ID), "", nil)
	if w = c.ask("GET", "/jobs/"+string(j.ID), "", nil, "If-None-Match", w.Header().Get("ETag")); w.Code != http.StatusNotModified {
		t.Errorf("a job that did not change: %d", w.Code)
	}
	h.Audit(t)
}
