package native

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
)

// insider is a client of Inside for the test book.
func insider(h *dialecttest.House, mode desk.Mode, book desk.BookID) *http.Client {
	return &http.Client{Transport: Inside(h.Desk, Config{}, desk.Caller{Merchant: h.Merchant, Book: book, Mode: mode, Name: "asha"})}
}

func fetch(t *testing.T, c *http.Client, method, path, token string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, InsideBase+base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(body)
}

// The program itself is let in, to the book it names and by nothing that a
// caller says.
func TestInside(t *testing.T) {
	h := dialecttest.Open(t)
	h.Issue(t, h.Live, Room, "", liveToken)
	test, live := insider(h, desk.Test, h.Book), insider(h, desk.Live, h.Live)
	for _, token := range []string{"", "nonsense", liveToken} {
		status, head, body := fetch(t, test, "GET", "/me", token)
		var m me
		if err := json.Unmarshal([]byte(body), &m); err != nil || status != 200 || m.Book.ID != int64(h.Book) || head.Get("ETag") == "" || head.Get("X-Request-Id") == "" {
			t.Errorf("with the token %q: %d %v %s (%v)", token, status, head, body, err)
		}
	}
	if status, _, body := fetch(t, live, "PUT", "/otp", ""); status != http.StatusConflict {
		t.Errorf("what a live book does not do: %d %s", status, body)
	}
	if status, _, _ := fetch(t, test, "GET", "/nowhere", ""); status != http.StatusNotFound {
		t.Errorf("a path that is not there: %d", status)
	}
	if status, _, body := fetch(t, test, "HEAD", "/me", ""); status != 200 || body != "" {
		t.Errorf("HEAD: %d %q", status, body)
	}
}

// Nothing that comes over a socket is let in so: what Inside makes can be given
// to no server, and what a server is given asks for a token, whatever a request
// carries in its headers or its context.
func TestInsideIsNotServed(t *testing.T) {
	h := dialecttest.Open(t)
	in := Inside(h.Desk, Config{}, desk.Caller{Merchant: h.Merchant, Book: h.Book, Mode: desk.Test, Name: "asha"})
	if _, ok := in.(http.Handler); ok {
		t.Error("what Inside makes could be served")
	}
	room := New(h.Desk, Config{})
	if served(room).inside != nil {
		t.Error("what is served lets everybody in")
	}
	type caller struct{}
	for _, ctx := range []context.Context{t.Context(), context.WithValue(t.Context(), caller{}, desk.Caller{Book: h.Book})} {
		for _, head := range []http.Header{{}, {"Authorization": {"Bearer "}}, {"Authorization": {"Inside asha"}}, {"X-Inside": {"true"}, "X-Forwarded-For": {"127.0.0.1"}}} {
			r := httptest.NewRequest("GET", InsideBase+base+"/me", nil).WithContext(ctx)
			r.Header, r.RemoteAddr = head, "127.0.0.1:1"
			w := httptest.NewRecorder()
			if room.ServeHTTP(w, r); w.Code != http.StatusUnauthorized {
				t.Errorf("%v: %d %s", head, w.Code, w.Body)
			}
		}
	}
}

// An answer that breaks off is heard as such, and one that nobody reads on ends.
func TestInsideBreaks(t *testing.T) {
	h := dialecttest.Open(t)
	r := newRoom(h.Desk, Config{})
	r.inside = &desk.Caller{Merchant: h.Merchant, Book: h.Book, Mode: desk.Test}
	ended := make(chan error, 2)
	how := download("/broken", "broken", anyScope, "Broken", []string{"text/csv"}, func(*request, nothing) (file, error) {
		return file{"broken.csv", "text/csv", func(ctx context.Context, w io.Writer) error {
			io.WriteString(w, strings.Repeat("a", 100_000))
			ended <- ctx.Err()
			return errors.New("the disk is gone")
		}}, nil
	})
	r.tree.add(&how)
	resp, err := inside{r}.RoundTrip(httptest.NewRequest("GET", InsideBase+base+"/broken", nil))
	if err != nil || resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/csv" {
		t.Fatalf("%+v %v", resp, err)
	}
	if all, err := io.ReadAll(resp.Body); !errors.Is(err, errBroken) || len(all) == 0 {
		t.Errorf("%d bytes, %v", len(all), err)
	}
	<-ended
	resp, err = inside{r}.RoundTrip(httptest.NewRequest("GET", InsideBase+base+"/broken", nil))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	<-ended
}

func served(h http.Handler) *room { return h.(*room) }
