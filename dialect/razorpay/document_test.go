package razorpay

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
)

const (
	pdf  = "%PDF-1.4 "
	png  = "\x89PNG\x0D\x0A\x1A\x0A"
	jpeg = "\xFF\xD8\xFF"
)

// Files up to the manual's sizes are taken, by what they are; larger ones hear
// how large they may be. What is kept is what was sent.
func TestDocuments(t *testing.T) {
	h := dialecttest.Open(t)
	room := openRoom(t, h)
	acc, err := h.Desk.CreateLinked(t.Context(), h.Book, desk.Linked{Email: "docs@example.com", Type: "route"})
	if err != nil {
		t.Fatal(err)
	}
	send := func(name, content, documentType string) (status int, said string) {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		part, _ := w.CreateFormFile("file", name)
		part.Write([]byte(content))
		w.WriteField("document_type", documentType)
		w.Close()
		r := httptest.NewRequest("POST", "http://wapas.test/v2/accounts/"+string(acc.ID)+"/documents", &body)
		r.Header.Set("Authorization", basic(testKey, testSecret))
		r.Header.Set("Content-Type", w.FormDataContentType())
		rec := httptest.NewRecorder()
		room.Handler.ServeHTTP(rec, r)
		var got struct{ Error struct{ Description string } }
		if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
			t.Fatalf("%s: %v in %s", name, err, rec.Body)
		}
		return rec.Code, got.Error.Description
	}
	sized := func(head string, n int) string { return head + strings.Repeat("x", n-len(head)) }
	for _, x := range []struct {
		name, content, kind string
		status              int
		said                string
	}{
		{"a.png", sized(png, 4<<20), "gst_certificate", 200, ""},
		{"b.jpg", sized(jpeg, 4<<20), "msme_certificate", 200, ""},
		{"c.pdf", sized(pdf, 2<<20), "business_pan_url", 200, ""},
		{"a.png", sized(png, 4<<20+1), "gst_certificate", 400, "The file may not be greater than 4096 kilobytes."},
		{"c.pdf", sized(pdf, 2<<20+1), "gst_certificate", 400, "The file may not be greater than 2048 kilobytes."},
		{"d.png", "", "gst_certificate", 400, "The file must be a file of type: jpg, jpeg, png, pdf."},
		{"e.gif", "GIF89a", "gst_certificate", 400, "The file must be a file of type: jpg, jpeg, png, pdf."},
		{"f.png", sized(png, 9<<20), "gst_certificate", http.StatusRequestEntityTooLarge, "The request body may not be greater than 8388608 bytes."},
		{"g.png", png, strings.Repeat("x", 70<<10), 400, "syntax error but provided multipart/form-data"},
		{"h.png", png, "gst\x00certificate", 400, "syntax error but provided multipart/form-data"},
	} {
		if status, said := send(x.name, x.content, x.kind); status != x.status || said != x.said {
			t.Errorf("%s of %d bytes: got %d %q, want %d %q", x.name, len(x.content), status, said, x.status, x.said)
		}
	}
	// The second file of a type is the one that counts.
	if status, said := send("../नया.pdf", pdf, "gst_certificate"); status != 200 {
		t.Errorf("again: %d %q", status, said)
	}
	docs, err := h.Desk.Documents(t.Context(), h.Book, acc.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(docs) != 3 {
		t.Fatalf("kept: %+v", docs)
	}
	for _, d := range docs {
		if d.Type != "gst_certificate" {
			continue
		}
		d.ID, d.CreatedAt = "", 0
		want := desk.Document{Owner: acc.ID, Type: "gst_certificate", Name: "नया.pdf", Form: "application/pdf", Size: 9,
			SHA256: "d50108f064173f2aabc0afed6ce00baf290a2b8b823941028988a128a0546d42"}
		if d != want {
			t.Errorf("kept: got %+v, want %+v", d, want)
		}
	}
}
