// Package dialecttest runs recorded transcripts against a room: the real
// handler, on the real desk, on a real SQLite store, with a clock that stands
// still until the transcript moves it.
//
// A file is one conversation, and can be read by someone who knows the API and
// no Go:
//
//	# Refunding more than was paid. Source: "Create a refund", errors.
//	-- request --
//	POST /v1/payments/{{pay}}/refund
//	X-Refund-Idempotency: order-4711-a
//
//	{"amount": 20000}
//	-- response 400 --
//	{"error":{"code":"BAD_REQUEST_ERROR", …}}
//
// Lines before the first block, and lines starting with # between blocks, are
// for the reader. Blocks:
//
//	-- request --        a method and a path, headers, an empty line and a body, if there is one.
//	                     The room's own headers (who is calling) are sent unless given here; a
//	                     header "Name: -" is not sent. A body is JSON unless Content-Type says
//	                     otherwise.
//	-- response 400 --   the status, headers that must be there, if any, an empty line and the
//	                     body. A body is compared to the byte, but for white space outside of
//	                     JSON strings: wrap long ones as you like.
//	-- advance 72h --    moves the book's time and does what has come due.
//	-- events --         the names of all events since the last such block, one a line.
//
// {{name}} in an answer captures what stands there (an id, a word, a number),
// or, if the name is known already, must be the same again. In a request it
// stands for what was captured. {{*}} is anything. Each room gives some names
// to begin with, such as {{merchant}}.
//
// To write one: write the requests, leave the responses empty ("-- response
// --"), run "go test ./dialect/… -run Transcripts/refunds -update" for your
// refunds.txt, and read what it wrote like a reviewer: -update names new ids by
// their prefix, references by their key ({{rrn}}), takes signatures for
// anything, and leaves answers that match as they are.
package dialecttest

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Transcript is a file, block by block.
type Transcript struct {
	Name   string
	Blocks []Block
}

// A Block is one step of a conversation. Kind is "", for prose, or the first
// word of its title.
type Block struct {
	Kind   string
	Line   int    // of the file, where the title is
	Prose  string // what stands before the title, as it is
	Text   string // what stands below it, as it is
	Status int    // of a response; 0 if it has not been recorded yet
	Wait   time.Duration
}

var title = regexp.MustCompile(`^-- (request|response|advance|events)(?: (\S+))? --$`)

// Read reads a transcript.
func Read(path string) (*Transcript, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t := &Transcript{Name: path}
	prose := "" // comments that belong to the next block
	cur := -1
	for i, line := range strings.SplitAfter(string(data), "\n") {
		m := title.FindStringSubmatch(strings.TrimSpace(line))
		switch {
		case m != nil:
			b := Block{Kind: m[1], Line: i + 1, Prose: prose}
			prose = ""
			switch b.Kind {
			case "response":
				if m[2] != "" {
					b.Status, err = strconv.Atoi(m[2])
				}
			case "advance":
				b.Wait, err = time.ParseDuration(m[2])
			}
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
			}
			t.Blocks = append(t.Blocks, b)
			cur++
		case cur < 0 || strings.HasPrefix(line, "#"):
			prose += line
		case prose != "" && strings.TrimSpace(line) == "":
			prose += line
		default:
			if prose != "" {
				return nil, fmt.Errorf("%s:%d: text behind a comment and before a block", path, i+1)
			}
			t.Blocks[cur].Text += line
		}
	}
	if prose != "" {
		t.Blocks = append(t.Blocks, Block{Prose: prose})
	}
	return t, nil
}

// Refusals counts the answers that are not 200 and leave nothing open.
func (t *Transcript) Refusals() int {
	n := 0
	for _, b := range t.Blocks {
		if b.Kind == "response" && b.Status != http.StatusOK && !strings.Contains(b.Text, "{{*}}") {
			n++
		}
	}
	return n
}

// Write keeps the transcript in its file.
func (t *Transcript) Write() error {
	var out bytes.Buffer
	for _, b := range t.Blocks {
		out.WriteString(b.Prose)
		switch b.Kind {
		case "":
			continue
		case "response":
			fmt.Fprintf(&out, "-- response %d --\n", b.Status)
		case "advance":
			fmt.Fprintf(&out, "-- advance %s --\n", shortest(b.Wait))
		default:
			fmt.Fprintf(&out, "-- %s --\n", b.Kind)
		}
		out.WriteString(b.Text)
	}
	return os.WriteFile(t.Name, out.Bytes(), 0o644)
}

// shortest writes a duration without its empty parts: 72h, not 72h0m0s.
func shortest(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// vars are the names that are known in a conversation.
type vars map[string]string

var placeholder = regexp.MustCompile(`\{\{([a-zA-Z0-9_]+|\*)\}\}`)

// fill puts what is known into a request.
func (v vars) fill(s string) (string, error) {
	var err error
	s = placeholder.ReplaceAllStringFunc(s, func(p string) string {
		val, ok := v[p[2:len(p)-2]]
		if !ok {
			err = fmt.Errorf("%s is not known here", p)
		}
		return val
	})
	return s, err
}

// match says whether got is what want describes, and captures from it.
func (v vars) match(want, got string) bool {
	var re strings.Builder
	var names []string
	groups := map[string]bool{}
	at := 0
	re.WriteString(`\A`)
	for _, m := range placeholder.FindAllStringSubmatchIndex(want, -1) {
		re.WriteString(regexp.QuoteMeta(want[at:m[0]]))
		name := want[m[2]:m[3]]
		switch val, known := v[name]; {
		case name == "*" && strings.HasSuffix(want[:m[0]], `"`):
			re.WriteString(`[^"]*?`)
		case name == "*":
			re.WriteString(`(?s:.*?)`)
		case known:
			re.WriteString(regexp.QuoteMeta(val))
		case groups[name]: // Go's regexps cannot refer back, so the first time must do
			re.WriteString(`[^",}\]]+`)
		default:
			groups[name] = true
			names = append(names, name)
			re.WriteString(`([^",}\]]+)`)
		}
		at = m[1]
	}
	re.WriteString(regexp.QuoteMeta(want[at:]) + `\z`)
	found := regexp.MustCompile(re.String()).FindStringSubmatch(got)
	if found == nil {
		return false
	}
	next := vars{}
	for i, name := range names {
		next[name] = found[i+1]
	}
	// Now that the names are known, what they stand for must agree everywhere.
	if len(names) > 0 {
		for name, val := range v {
			next[name] = val
		}
		if !next.match(want, got) {
			return false
		}
	}
	for name, val := range next {
		v[name] = val
	}
	return true
}

// squeeze leaves out white space outside of JSON strings.
func squeeze(s string) string {
	var out strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quoted && c == '\\' && i+1 < len(s):
			out.WriteByte(c)
			i++
			c = s[i]
		case c == '"':
			quoted = !quoted
		case !quoted && strings.IndexByte(" \t\r\n", c) >= 0:
			continue
		}
		out.WriteByte(c)
	}
	return out.String()
}

// parts takes a response block apart: headers that it asks for, and the body.
func parts(text string) (http.Header, string) {
	first := strings.TrimSpace(text)
	if first == "" || strings.ContainsAny(first[:1], `{["<n`) {
		return nil, first
	}
	head, body, _ := strings.Cut(text, "\n\n")
	h, err := textproto.NewReader(bufio.NewReader(strings.NewReader(head + "\n\n"))).ReadMIMEHeader()
	if err != nil {
		return nil, first
	}
	return http.Header(h), strings.TrimSpace(body)
}

// wire ids: a prefix and 14 letters and digits.
var wireID = regexp.MustCompile(`\b([a-z]{2,9}(?:_prd)?)_([0-9A-Za-z]{14})\b`)

var (
	bareID = regexp.MustCompile(`"id":"([0-9A-Za-z]{14})"`)
	hex64  = regexp.MustCompile(`"[0-9a-f]{64}"`)
	// what a bank calls a movement of money
	reference = regexp.MustCompile(`"(rrn|arn|utr|auth_code|[a-z_]*transaction_id|authentication_reference_number|tid|refund_tid|otp_ref_id|bank_ref_num)":"([^"{}]+)"`)
	// behind what a page of a list begins
	cursor = regexp.MustCompile(`"(next)":"([A-Za-z0-9_-]+)"`)
	// what our own API calls the number that a bank gave
	proof = regexp.MustCompile(`"(proof)":"([^"{}]+)"`)
	// what PhonePe calls a payment, a refund or an order: letters and the moment
	providerRef = regexp.MustCompile(`"((?:T|TR|P|OM|OMO|OMR)[0-9]{22})"`)
)

// generalise writes an answer down for -update: what is known by its name, new
// ids by a new one, signatures as anything.
func (v vars) generalise(body string) string {
	for _, m := range wireID.FindAllStringSubmatch(body, -1) {
		v.name(m[1], m[0])
	}
	for _, m := range bareID.FindAllStringSubmatch(body, -1) {
		v.name("bare", m[1])
	}
	for _, re := range []*regexp.Regexp{reference, cursor, proof} {
		for _, m := range re.FindAllStringSubmatch(body, -1) {
			v.name(m[1], m[2])
		}
	}
	for _, m := range providerRef.FindAllStringSubmatch(body, -1) {
		v.name("ref", m[1])
	}
	names := slices.SortedFunc(maps.Keys(v), func(a, b string) int { // the longest value first
		return cmp.Or(cmp.Compare(len(v[b]), len(v[a])), cmp.Compare(a, b))
	})
	for _, name := range names {
		if len(v[name]) >= 14 {
			body = strings.ReplaceAll(body, v[name], "{{"+name+"}}")
		} else { // a short one might be a part of anything
			body = strings.ReplaceAll(body, `"`+v[name]+`"`, `"{{`+name+`}}"`)
		}
	}
	return hex64.ReplaceAllString(body, `"{{*}}"`)
}

// name makes val known by name, or name2, name3… if it is not known yet.
func (v vars) name(name, val string) {
	for _, known := range v {
		if known == val || len(val) >= 14 && strings.Contains(known, val) {
			return
		}
	}
	free := name
	for i := 2; v[free] != ""; i++ {
		free = name + strconv.Itoa(i)
	}
	v[free] = val
}
