package console

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"wapas/desk"
)

func requestPages() []page {
	return []page{
		{at: "GET /requests", right: desk.RightSee, show: showRequests},
		{at: "GET /requests/{id}", right: desk.RightSee, show: showRequest},
	}
}

// showRequests lists the calls of APIs that were kept.
func showRequests(q *visit) error {
	room := q.choice("room", "API", "razorpay", "engage", "phonepe", "eko", "native")
	class := q.choice("class", "Answer", "2", "4", "5")
	for i, label := range []string{"Any", "2xx: done", "4xx: refused", "5xx: our fault"} {
		class.Options[i].Label = label
	}
	about := q.text("about", "About (an id or reference)")
	all, err := q.desk().Requests(q.Context(), desk.RequestQuery{
		Book: q.book.ID, Room: room.Value, Class: wholeNumber(class.Value), About: desk.ID(about.Value), Before: desk.ID(q.value("after")), Count: perPage + 1,
	})
	if err != nil {
		return err
	}
	return q.show("requests", "Requests", cutPage(q, all, func(r desk.RequestRow) string { return string(r.ID) }, room, class, about))
}

// A requestPage is one call, with its bodies as they were kept: masked.
type requestPage struct {
	desk.RequestRow
	Sent, Heard string
	Curl        string
	Inner       string // what is in the Base64 of PhonePe's bodies
	Events      []desk.Event
}

func showRequest(q *visit) error {
	r, err := q.desk().Request(q.Context(), q.book.ID, q.PathValue("id"))
	if err != nil {
		return err
	}
	p := requestPage{RequestRow: r, Sent: pretty(r.Body), Heard: pretty(r.Answer), Curl: curlOf(r), Inner: insideOf(r.Body)}
	if r.About != "" {
		if p.Events, err = q.desk().Store.EventsOf(q.Context(), desk.Query{Book: q.book.ID, Parent: r.About, Oldest: true, Count: 20}); err != nil {
			return err
		}
	}
	return q.show("request", r.Method+" "+cutText(r.Path, 60), p)
}

func cutText(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// insideOf is the JSON that a body wraps in Base64, if it does.
func insideOf(body string) string {
	var outer struct{ Request, Response string }
	if json.Unmarshal([]byte(body), &outer) != nil {
		return ""
	}
	data, err := base64.StdEncoding.DecodeString(outer.Request + outer.Response)
	if err != nil || len(data) == 0 || !json.Valid(data) {
		return ""
	}
	return pretty(string(data))
}

// shows are how a caller of each room says who it is, with words in the place of
// what only the caller knows.
var curlKeys = map[string][]string{
	"":         {"-u 'KEY_ID:KEY_SECRET'"},
	"razorpay": {"-u 'KEY_ID:KEY_SECRET'"},
	"engage":   {"-H 'Authorization: Bearer TOKEN'"},
	"native":   {"-H 'Authorization: Bearer TOKEN'"},
	"phonepe":  {"-H 'X-VERIFY: SHA256_OF_BODY_PATH_AND_SALT_KEY###SALT_INDEX'"},
	"eko":      {"-H 'developer_key: DEVELOPER_KEY'", "-H 'secret-key: SIGNED_TIMESTAMP'", "-H 'secret-key-timestamp: MILLISECONDS'"},
}

// curlOf is a call as somebody may make it again: with words for credentials,
// and with the dots of what was masked.
func curlOf(r desk.RequestRow) string {
	parts := []string{fmt.Sprintf("curl -X %s 'BASE_URL%s'", r.Method, shellText(r.Path))}
	parts = append(parts, curlKeys[r.Room]...)
	if r.Body != "" {
		kind := r.ContentType
		if kind == "" {
			kind = "application/json"
		}
		parts = append(parts, "-H 'Content-Type: "+shellText(kind)+"'", "--data '"+shellText(r.Body)+"'")
	}
	return strings.Join(parts, " \\\n  ")
}

// shellText stands between single quotes of a shell.
func shellText(text string) string { return strings.ReplaceAll(text, "'", `'\''`) }
