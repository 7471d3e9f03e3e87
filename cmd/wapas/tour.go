package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"golang.org/x/term"
)

// tour makes the sample requests of the documents, as they are printed there,
// and shows the answers. Those that change something are made once in the life
// of a demo: the vendor's API refuses a second refund with the same receipt,
// and so does this one.
func (p *program) tour(ctx context.Context, api *client, again bool) error {
	for _, s := range seeds {
		fmt.Fprintf(p.out, "\n%s\n", p.bold("── "+s.title+" ──"))
		for _, q := range s.samples {
			if again && !q.again {
				fmt.Fprintf(p.out, "\n%s: was made on the first start\n", q.title)
				continue
			}
			got, err := api.at(s.room).send(ctx, q.method, q.path, q.body)
			if err != nil {
				return fmt.Errorf("%s: %w", q.title, err)
			}
			fmt.Fprintf(p.out, "\n%s\n%s %s\n", p.bold(q.title), q.method, q.path)
			if q.body != "" {
				fmt.Fprintln(p.out, q.body)
			}
			fmt.Fprintf(p.out, "→ %d\n%s\n", got.status, indented(got.body))
			if got.status != http.StatusOK {
				return fmt.Errorf("the documents' request %q was refused", q.title)
			}
		}
	}
	return nil
}

// indented is JSON for people; what is not JSON stays as it is.
func indented(body []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, bytes.TrimSpace(body), "", "  ") != nil {
		return string(body)
	}
	return b.String()
}

// bold is for terminals.
func (p *program) bold(s string) string {
	if f, ok := p.out.(*os.File); ok && term.IsTerminal(int(f.Fd())) && p.env["NO_COLOR"] == "" {
		return "\x1b[1m" + s + "\x1b[0m"
	}
	return s
}
