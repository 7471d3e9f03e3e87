package razorpay

import (
	"encoding/base64"
	"net/http"
	"path/filepath"
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
)

// The credentials of every transcript: those of the demo, with their like for
// the live book.
const (
	testKey    = "rzp_test_wapasDemo00001"
	testSecret = "wapasDemoSecret000000001"
	liveKey    = "rzp_live_wapasDemo00001"
	liveSecret = "wapasLiveSecret000000001"
	testToken  = "wapas_demo_oauth_token"
	readToken  = "wapas_demo_oauth_reader" // may only read
)

// TestTranscripts runs testdata/*.txt: see package dialecttest for the form.
// {{merchant}}, {{account}} (its acc_ id), {{basic}}, {{live}} and {{public}}
// (values for Authorization), {{token}}, {{reader}} (a token that may only read)
// and {{key}} are known from the start.
func TestTranscripts(t *testing.T) {
	dialecttest.Run(t, "testdata/*.txt", openRoom)
}

func openRoom(t *testing.T, h *dialecttest.House) dialecttest.Room {
	h.Issue(t, h.Book, name, testKey, testSecret)
	h.Issue(t, h.Live, name, liveKey, liveSecret)
	h.Issue(t, h.Book, name, "", testToken)
	if _, err := h.Desk.Issue(t.Context(), desk.IssueRequest{Room: name, Book: h.Book, Secret: []byte(readToken), Scopes: readOnly}); err != nil {
		t.Fatal(err)
	}
	return dialecttest.Room{
		Handler: New(h.Desk, Config{}),
		Header:  http.Header{"Authorization": {basic(testKey, testSecret)}},
		Vars: map[string]string{
			"merchant": string(h.Merchant),
			"account":  "acc_" + string(h.Merchant),
			"basic":    basic(testKey, testSecret),
			"live":     basic(liveKey, liveSecret),
			"public":   basic(testKey, ""),
			"token":    testToken,
			"reader":   readToken,
			"key":      testKey,
		},
	}
}

func basic(key, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(key+":"+secret))
}

// TestRefusals counts the refusals with exact bodies that the transcripts
// hold. A client can only branch on what is said here, so there are many.
func TestRefusals(t *testing.T) {
	var files []string
	for _, pattern := range []string{"testdata/*.txt", "testdata/*/*.txt"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	n := 0
	for _, file := range files {
		tr, err := dialecttest.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		n += tr.Refusals()
	}
	t.Logf("%d refusals in %d transcripts", n, len(files))
	if n < 150 {
		t.Errorf("the transcripts hold %d refusals, want at least 150", n)
	}
}
