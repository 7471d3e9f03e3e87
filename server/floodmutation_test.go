package server_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"wapas/dialect"
)

// A mutation is one thing that is done to a request. It happens before the
// request is signed, so that what is behind the door sees it; what it sets as
// after happens behind that.
// Those of bodies are done to requests that have one.
type mutation struct {
	name string
	do   func(w *worker, p *plan)
	body bool
}

// mutations make a valid request nearly valid.
var mutations = []mutation{
	{"field dropped", func(w *worker, p *plan) { w.slot(p, func(string, string) (string, bool) { return "", false }) }, true},
	{"key twice, same value", func(w *worker, p *plan) {
		w.slot(p, func(key, old string) (string, bool) { return old + "," + strconv.Quote(key) + ":" + old, true })
	}, true},
	{"key twice, other value", func(w *worker, p *plan) {
		w.slot(p, func(key, old string) (string, bool) { return old + "," + strconv.Quote(key) + ":" + w.odd(), true })
	}, true},
	{"key twice, spelt otherwise", func(w *worker, p *plan) {
		w.slot(p, func(key, old string) (string, bool) {
			return old + `,"` + fmt.Sprintf(`\u%04x`, (key + "a")[0]) + (key + "a")[1:len(key)] + `":` + old, true
		})
	}, true},
	{"odd value", func(w *worker, p *plan) { w.slot(p, func(string, string) (string, bool) { return w.odd(), true }) }, true},
	{"odd value", func(w *worker, p *plan) { w.slot(p, func(string, string) (string, bool) { return w.odd(), true }) }, true},
	{"odd value", func(w *worker, p *plan) { w.slot(p, func(string, string) (string, bool) { return w.odd(), true }) }, true},
	{"number as text", func(w *worker, p *plan) {
		w.slot(p, func(_, old string) (string, bool) { return strconv.Quote(strings.Trim(old, `"`)), true })
	}, true},
	{"text as number", func(w *worker, p *plan) {
		w.slot(p, func(_, old string) (string, bool) { return strings.Trim(old, `"`), true })
	}, true},
	{"in a list", func(w *worker, p *plan) {
		w.slot(p, func(_, old string) (string, bool) { return "[" + old + "]", true })
	}, true},
	{"in an object", func(w *worker, p *plan) {
		w.slot(p, func(_, old string) (string, bool) { return `{"a":` + old + "}", true })
	}, true},
	{"blanks around", func(w *worker, p *plan) {
		w.slot(p, func(_, old string) (string, bool) { return `" ` + strings.Trim(old, `"`) + `\t"`, true })
	}, true},
	{"digits of another script", func(w *worker, p *plan) {
		w.slot(p, func(_, old string) (string, bool) { return `"` + w.script(strings.Trim(old, `"`)) + `"`, true })
	}, true},
	{"digits of another script, bare", func(w *worker, p *plan) {
		w.slot(p, func(_, old string) (string, bool) { return w.script(strings.Trim(old, `"`)), true })
	}, true},
	{"marks of direction", func(w *worker, p *plan) {
		w.slot(p, func(_, old string) (string, bool) {
			return "\"\u202e" + strings.Trim(old, `"`) + "\u200f\u200b\"", true
		})
	}, true},
	{"number written otherwise", func(w *worker, p *plan) {
		w.slot(p, func(_, old string) (string, bool) {
			old = strings.Trim(old, `"`)
			return []string{old + ".0", old + "e0", old + "E+2", "0" + old, "+" + old, "-" + old, old + ".5", old + "e-2", old + "e400", "0x" + old, old + "_000", old + ",00", old + "n"}[w.g.IntN(13)], true
		})
	}, true},
	{"other thing's id", func(w *worker, p *plan) {
		w.slot(p, func(string, string) (string, bool) { return strconv.Quote(w.word()), true })
	}, true},
	{"long text", func(w *worker, p *plan) {
		long := strings.Repeat([]string{"x", "₹", "9", `\n`, "%00"}[w.g.IntN(5)], 1+w.g.IntN(20_000))
		w.slot(p, func(string, string) (string, bool) { return `"` + long + `"`, true })
	}, true},
	{"deep nesting", func(w *worker, p *plan) {
		deep := 1 << w.g.IntN(17)
		if w.g.IntN(2) == 0 {
			w.slot(p, func(string, string) (string, bool) {
				return strings.Repeat("[", deep) + strings.Repeat("]", deep), true
			})
			return
		}
		w.slot(p, func(string, string) (string, bool) {
			return strings.Repeat(`{"a":`, deep) + "1" + strings.Repeat("}", deep), true
		})
	}, true},
	{"many elements", func(w *worker, p *plan) {
		w.slot(p, func(_, old string) (string, bool) {
			return "[" + strings.Repeat(old+",", 1<<w.g.IntN(12)) + old + "]", true
		})
	}, true},
	{"bytes that are no text", func(w *worker, p *plan) {
		w.slot(p, func(string, string) (string, bool) {
			return `"a` + []string{"\xff", "\xc0\x80", "\xed\xa0\x80", "\x00", "\x1f", "\xf4\x90\x80\x80"}[w.g.IntN(6)] + `b"`, true
		})
	}, true},
	{"unknown field", func(w *worker, p *plan) { p.body = strings.Replace(p.body, "{", `{"wapas":`+w.odd()+",", 1) }, true},
	{"many unknown fields", func(w *worker, p *plan) {
		var b strings.Builder
		for i := range 1 << w.g.IntN(14) {
			fmt.Fprintf(&b, `"k%d":%d,`, i, i)
		}
		p.body = strings.Replace(p.body, "{", "{"+b.String(), 1)
	}, true},
	{"key in capitals", func(w *worker, p *plan) {
		w.slot(p, func(key, old string) (string, bool) {
			return `0,` + strconv.Quote(strings.ToUpper(key)) + ":" + old, true
		})
	}, true},
	{"cut short", func(w *worker, p *plan) { p.body = p.body[:w.g.IntN(len(p.body)+1)] }, true},
	{"rubbish behind", func(w *worker, p *plan) {
		p.body += []string{"x", "{}", "\x00", "//", "&a=1", "}", ",", "\r\n\r\n"}[w.g.IntN(8)]
	}, true},
	{"a mark in front", func(w *worker, p *plan) {
		p.body = []string{"\xef\xbb\xbf", "\xff\xfe", ")]}',\n", "\x1e"}[w.g.IntN(4)] + p.body
	}, true},
	{"one byte other", func(w *worker, p *plan) {
		if b := []byte(p.body); len(b) > 0 {
			b[w.g.IntN(len(b))] ^= 1 << w.g.IntN(8)
			p.body = string(b)
		}
	}, true},
	{"no body", func(w *worker, p *plan) { p.body = "" }, true},
	{"the body as a form", func(w *worker, p *plan) { p.after = header("Content-Type", "application/x-www-form-urlencoded") }, true},
	{"other content type", func(w *worker, p *plan) {
		types := []string{"", "text/plain", "application/xml", "application/json; charset=utf-16", "application/json; charset=iso-8859-1", "multipart/form-data", "multipart/form-data; boundary=x", "application/JSON;;;", "text/html", "application/x-www-form-urlencoded; charset=utf-7"}
		p.after = header("Content-Type", types[w.g.IntN(len(types))])
	}, true},
	{"body in gzip", func(w *worker, p *plan) {
		p.after = func(r *http.Request) {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			io.Copy(z, r.Body)
			z.Close()
			rebody(r, b.Bytes())
			r.Header.Set("Content-Encoding", "gzip")
		}
	}, true},
	{"body of unknown length", func(w *worker, p *plan) { p.after = func(r *http.Request) { r.ContentLength = -1 } }, true},
	{"body that breaks off", func(w *worker, p *plan) {
		p.after = func(r *http.Request) {
			r.Body = io.NopCloser(io.MultiReader(r.Body, brokenReader{}))
			r.ContentLength++
		}
	}, true},
	{"a byte at a time", func(w *worker, p *plan) {
		p.after = func(r *http.Request) { r.Body = io.NopCloser(oneByte{r.Body}) }
	}, true},
	{"64 MiB of text", func(w *worker, p *plan) {
		p.after = func(r *http.Request) {
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"amount":"`), io.LimitReader(same('9'), 64<<20), strings.NewReader(`"}`)))
			r.ContentLength = []int64{64<<20 + 13, -1, 100}[w.g.IntN(3)]
		}
	}, true},
	{"other method", func(w *worker, p *plan) {
		p.method = []string{"HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "GET", "POST", "CONNECT", "FOO", "get", "PROPFIND"}[w.g.IntN(12)]
	}, false},
	{"slash behind", func(w *worker, p *plan) { p.path = onPath(p.path, func(at string) string { return at + "/" }) }, false},
	{"slashes twice", func(w *worker, p *plan) {
		p.path = onPath(p.path, func(at string) string { return strings.ReplaceAll(at, "/", "//") })
	}, false},
	{"dots in the path", func(w *worker, p *plan) {
		p.astray = true
		p.path = onPath(p.path, func(at string) string {
			parts := strings.Split(at, "/")
			return strings.Join(slices.Insert(parts, 1+w.g.IntN(len(parts)), []string{".", "..", "%2e%2e", "..%2f", "%2e"}[w.g.IntN(5)]), "/")
		})
	}, false},
	{"a part encoded", func(w *worker, p *plan) {
		p.path = onPath(p.path, func(at string) string {
			i := w.g.IntN(len(at))
			if at[i] == '/' || at[i] == '%' {
				p.astray = true
			}
			return at[:i] + fmt.Sprintf("%%%02X", at[i]) + at[i+1:]
		})
		p.astray = true
	}, false},
	{"odd part of the path", func(w *worker, p *plan) {
		p.astray = true
		p.path = onPath(p.path, func(at string) string {
			parts := strings.Split(at, "/")
			parts[w.g.IntN(len(parts))] = oddParts[w.g.IntN(len(oddParts))]
			return "/" + strings.TrimPrefix(strings.Join(parts, "/"), "/")
		})
	}, false},
	{"part of the path gone", func(w *worker, p *plan) {
		p.astray = true
		p.path = onPath(p.path, func(at string) string {
			parts := strings.Split(at, "/")
			i := w.g.IntN(len(parts))
			return "/" + strings.TrimPrefix(strings.Join(slices.Delete(parts, i, i+1), "/"), "/")
		})
	}, false},
	{"query asked twice", func(w *worker, p *plan) {
		if _, q, ok := strings.Cut(p.path, "?"); ok {
			p.path += "&" + q
		} else {
			p.path += "?count=1&count=2&limit=1&limit=2"
		}
	}, false},
	{"odd query", func(w *worker, p *plan) {
		sep := "?"
		if strings.Contains(p.path, "?") {
			sep = "&"
		}
		p.path += sep + oddQueries[w.g.IntN(len(oddQueries))]
	}, false},
	{"long query", func(w *worker, p *plan) {
		p.path = onPath(p.path, func(at string) string { return at }) + "?" + strings.Repeat("a[]="+url.QueryEscape(w.word())+"&", 1+w.g.IntN(3000))
	}, false},
	{"odd header", func(w *worker, p *plan) {
		h := oddHeaders[w.g.IntN(len(oddHeaders))]
		p.after = func(r *http.Request) { r.Header.Add(h[0], h[1]) }
	}, false},
	{"long header", func(w *worker, p *plan) {
		names := []string{"Authorization", "X-Verify", "Idempotency-Key", "X-Payout-Idempotency", "X-Request-Id", "If-None-Match", "X-Forwarded-For", "Cookie", "secret-key", "X-Razorpay-Account", "Content-Type", "Accept-Language", "User-Agent"}
		name, long := names[w.g.IntN(len(names))], strings.Repeat([]string{"a", "a,", "\"", "=;", "1.1.1.1,"}[w.g.IntN(5)], 1+w.g.IntN(12_000))
		p.after = header(name, long)
	}, false},
	{"no credential", func(w *worker, p *plan) {
		p.after = func(r *http.Request) {
			for _, name := range []string{"Authorization", "X-Verify", "developer_key", "Developer_key", "Cookie"} {
				delete(r.Header, name)
			}
		}
	}, false},
	{"other room's credential", func(w *worker, p *plan) {
		from := []string{"razorpay", "engage", "phonepe", "native"}[w.g.IntN(4)]
		p.after = func(r *http.Request) {
			other := w.who.request(w.f.house, from, "GET", "/checkout/v2/order/x/status", "")
			r.Header.Set("Authorization", other.Header.Get("Authorization"))
		}
	}, false},
	{"signature one byte other", func(w *worker, p *plan) {
		p.after = func(r *http.Request) {
			for _, name := range []string{"Authorization", "X-Verify", "Secret-Key", "Cookie"} {
				if v := []byte(r.Header.Get(name)); len(v) > 0 {
					v[w.g.IntN(len(v))] ^= 1 << w.g.IntN(6)
					r.Header.Set(name, string(v))
				}
			}
		}
	}, false},
	{"another's host", func(w *worker, p *plan) {
		p.after = func(r *http.Request) {
			r.Host = []string{"evil.example", "", "a b", "127.0.0.1:1", "[::1]", "x\"><script>", "refunds.example.in.", strings.Repeat("h", 5000)}[w.g.IntN(8)]
		}
	}, false},
	{"another site's form", func(w *worker, p *plan) {
		p.after = func(r *http.Request) {
			r.Header.Set("Origin", "https://evil.example")
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}
	}, false},
}

// hostilities make of a request what no client sends.
var hostilities = []mutation{
	{"random body", func(w *worker, p *plan) { p.body = w.noise(4 << 10) }, true},
	{"random body behind the signature", func(w *worker, p *plan) {
		p.after = func(r *http.Request) { rebody(r, []byte(w.noise(4<<10))) }
	}, true},
	{"random JSON", func(w *worker, p *plan) { p.body = w.json(0) }, true},
	{"random JSON behind the signature", func(w *worker, p *plan) {
		p.after = func(r *http.Request) { rebody(r, []byte(w.json(0))) }
	}, true},
	{"random form", func(w *worker, p *plan) {
		p.body = w.noiseForm()
		p.after = header("Content-Type", "application/x-www-form-urlencoded")
	}, true},
	{"random path", func(w *worker, p *plan) {
		p.astray = true
		p.path = "/" + url.PathEscape(w.noise(200))
		if w.g.IntN(2) == 0 {
			p.path = strings.ReplaceAll(p.path, "a", "/")
		}
	}, false},
	{"random query", func(w *worker, p *plan) {
		p.path = onPath(p.path, func(at string) string { return at }) + "?" + w.noiseForm()
	}, false},
	{"random headers", func(w *worker, p *plan) {
		p.after = func(r *http.Request) {
			for name := range r.Header {
				if w.g.IntN(2) == 0 {
					r.Header.Set(name, w.noise(100))
				}
			}
		}
	}, false},
	{"an odd body", func(w *worker, p *plan) { p.body = oddBodies[w.g.IntN(len(oddBodies))] }, true},
	{"an odd body behind the signature", func(w *worker, p *plan) {
		p.after = func(r *http.Request) { rebody(r, []byte(oddBodies[w.g.IntN(len(oddBodies))])) }
	}, true},
	{"a bomb in gzip", func(w *worker, p *plan) {
		p.after = func(r *http.Request) { rebody(r, bomb); r.Header.Set("Content-Encoding", "gzip") }
	}, true},
	{"another route's body", func(w *worker, p *plan) {
		other := w.f.routes[w.g.IntN(len(w.f.routes))]
		p.body = fillBody(w.vars, w.f.bodies[other.route])
	}, true},
	{"another room's name in front", func(w *worker, p *plan) {
		p.astray = true
		p.path = "/" + []string{"razorpay", "engage", "phonepe", "eko", "native", "console", "r", "apis/hermes"}[w.g.IntN(8)] + p.path
	}, false},
}

var oddQueries = []string{
	"a=%00", "%ff=%ff", "a[b][c]=1&a=2", "count=-1&skip=-1", "count=99999999999999999999", "skip=9223372036854775807&count=100", "from=-1&to=1e9", "from=9223372036854775807",
	"limit=0", "limit=-1", "limit=1e2", "limit=१०", "count=１０", "after=x", "after=%00", "after=" + strings.Repeat("A", 390), "initiator_id=%00", "client_ref_id=%00", "limit=100&limit=1",
	"expand[]=%00", "a;b;c", "%zz", "%", "=", "&&&&", "a=b=c", "count[]=1", "count[0]=1&count[1]=2", "q=%0d%0aX-Evil:1", "q=%E2%80%AE", "page=99999999999", "page=-1", "state=%27%20OR%201=1", "from=0000-00-00", "to=9999-99-99", "on=2026-02-30", "month=13&year=0",
}

var oddHeaders = [][2]string{
	{"X-Request-Id", "a\r\nX-Evil: 1"}, {"X-Request-Id", "é"}, {"X-Request-Id", strings.Repeat("9", 64)}, {"Idempotency-Key", ""}, {"Idempotency-Key", "é\x00"}, {"Idempotency-Key", "a b"}, {"Idempotency-Key", "1"},
	{"X-Payout-Idempotency", "\xff"}, {"X-Refund-Idempotency", "0123456789é"}, {"X-Razorpay-Account", "acc_00000000000000"}, {"X-Razorpay-Account", "\x00"}, {"X-Razorpay-Account", "acc_१२३४५६७८९०१२३४"}, {"Content-Encoding", "br"},
	{"Content-Length", "-1"}, {"Transfer-Encoding", "chunked"}, {"Expect", "100-continue"}, {"Range", "bytes=0-1,5-"}, {"If-None-Match", "*"}, {"If-None-Match", `W/"`}, {"If-None-Match", strings.Repeat(`"a",`, 3000)}, {"Accept-Language", "hi;q=2,\x00"}, {"Accept-Language", strings.Repeat("hi,", 5000)},
	{"Accept", "text/html"}, {"Accept", "application/xml"}, {"X-Forwarded-For", "::1, 256.1.1.1, x"}, {"X-Forwarded-Proto", "https"}, {"Authorization", "Basic ====="}, {"Authorization", "Bearer"}, {"Authorization", "Basic " + strings.Repeat("A", 4000)}, {"Cookie", "wapas_session=; wapas_said=//8=; wapas_look=\xff"},
	{"Cookie", strings.Repeat("a=b;", 4000)}, {"X-Verify", "###"}, {"X-Verify", "x###99999999999999999999"}, {"X-HTTP-Method-Override", "DELETE"}, {"X-Callback-Url", "http://127.0.0.1:1/"}, {"X-Redirect-Url", "javascript:alert(1)"}, {"Origin", "null"}, {"Upgrade", "h2c"}, {"request_hash", "AAAA"},
	{"Traceparent", "00-00000000000000000000000000000000-0000000000000000-ff"}, {"Prefer", "wait=99999999999"},
}

// bomb is little in gzip and much without.
var bomb = func() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.Copy(z, io.LimitReader(same(' '), 16<<20))
	z.Close()
	return b.Bytes()
}()

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func rebody(r *http.Request, body []byte) {
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

func onPath(path string, do func(string) string) string {
	at, query, asked := strings.Cut(path, "?")
	if at = do(at); asked {
		at += "?" + query
	}
	return at
}

// slot puts something else in the place of one of the values of a body: what is
// given for its key and its text. A form loses or changes a field.
func (w *worker) slot(p *plan, with func(key, old string) (string, bool)) {
	v, err := dialect.ParseJSON([]byte(p.body))
	if p.room == "console" || err != nil {
		w.formSlot(p, with)
		return
	}
	type place struct {
		o   *dialect.Object
		l   dialect.List
		key string
		at  int
	}
	var all []place
	var walk func(v dialect.Value)
	walk = func(v dialect.Value) {
		switch v := v.(type) {
		case *dialect.Object:
			for _, k := range v.Keys {
				all = append(all, place{o: v, key: k})
				walk(v.Vals[k])
			}
		case dialect.List:
			for i := range v {
				all = append(all, place{l: v, at: i})
				walk(v[i])
			}
		}
	}
	walk(v)
	if len(all) == 0 {
		p.body = "[]"
		return
	}
	at := all[w.g.IntN(len(all))]
	const hole = dialect.Text("\x01hole")
	if at.o == nil {
		was := dialect.WriteJSON(at.l[at.at])
		at.l[at.at] = hole
		text, keep := with("a", was)
		if !keep {
			text = "null"
		}
		p.body = strings.Replace(dialect.WriteJSON(v), `"\u0001hole"`, text, 1)
		return
	}
	text, keep := with(at.key, dialect.WriteJSON(at.o.Vals[at.key]))
	if !keep {
		delete(at.o.Vals, at.key)
		at.o.Keys = slices.DeleteFunc(at.o.Keys, func(k string) bool { return k == at.key })
		p.body = dialect.WriteJSON(v)
		return
	}
	at.o.Vals[at.key] = hole
	p.body = strings.Replace(dialect.WriteJSON(v), `"\u0001hole"`, text, 1)
}

func (w *worker) formSlot(p *plan, with func(key, old string) (string, bool)) {
	fields, _ := url.ParseQuery(p.body)
	names := slices.Sorted(keysOf(fields))
	if len(names) == 0 {
		return
	}
	name := names[w.g.IntN(len(names))]
	text, keep := with(name, fields.Get(name))
	if fields.Del(name); keep {
		fields.Set(name, strings.Trim(text, `"`))
		if w.g.IntN(10) == 0 {
			fields.Add(name, "again")
		}
	}
	p.body = fields.Encode()
}

// odd is one of the values that a caller might send where something else
// belongs.
func (w *worker) odd() string { return oddValues[w.g.IntN(len(oddValues))] }

// script writes ASCII digits in those of another script, all or one of them.
func (w *worker) script(s string) string {
	zeros := []rune{'०', '０', '٠', '۰', '০', '𝟎', '๐'}
	zero := zeros[w.g.IntN(len(zeros))]
	only := -1
	if w.g.IntN(2) == 0 && len(s) > 0 {
		only = w.g.IntN(len(s))
	}
	var b strings.Builder
	for i, c := range s {
		if c >= '0' && c <= '9' && (only < 0 || i == only) {
			c = zero + c - '0'
		}
		b.WriteRune(c)
	}
	return b.String()
}

// noise is random bytes, sometimes of the alphabet that readers care for.
func (w *worker) noise(most int) string {
	const alphabet = "{}[]\":,\\u0123456789eE+-.truefalsn \t\r\n%&=;#/<>'\x00\xff\xc3₹"
	b := make([]byte, w.g.IntN(most))
	some := w.g.IntN(2) == 0
	for i := range b {
		if b[i] = byte(w.g.Uint32()); some {
			b[i] = alphabet[int(b[i])%len(alphabet)]
		}
	}
	return string(b)
}

// json is random JSON, with keys and values that mean something to a room.
func (w *worker) json(depth int) string {
	switch n := w.g.IntN(10); {
	case depth > 4 || n < 3 && depth > 0:
		return w.odd()
	case n < 5 && depth > 0:
		return strconv.Quote(w.word())
	case n < 6 && depth > 0:
		var b strings.Builder
		b.WriteByte('[')
		for i := range w.g.IntN(4) {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(w.json(depth + 1))
		}
		return b.String() + "]"
	}
	var b strings.Builder
	b.WriteByte('{')
	for i := range w.g.IntN(7) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:%s", w.f.keys[w.g.IntN(len(w.f.keys))], w.json(depth+1))
	}
	return b.String() + "}"
}

func (w *worker) noiseForm() string {
	var b strings.Builder
	for range w.g.IntN(12) {
		b.WriteString(w.f.keys[w.g.IntN(len(w.f.keys))])
		b.WriteString([]string{"", "[]", "[0]", "[a][b]", "[", "]", "[[]]", "%5B%5D"}[w.g.IntN(8)])
		b.WriteString("=")
		b.WriteString(url.QueryEscape([]string{w.word(), w.noise(20), strings.Trim(w.odd(), `"`)}[w.g.IntN(3)]))
		b.WriteByte('&')
	}
	return strings.ReplaceAll(b.String(), "%25", "%")
}

// same is a reader of one byte, for ever.
type same byte

func (s same) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s)
	}
	return len(p), nil
}

// oneByte reads a byte at a time.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	return o.r.Read(p[:1])
}

// brokenReader is a caller that hangs up.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
