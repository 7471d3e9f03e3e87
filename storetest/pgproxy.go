package storetest

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// A Fault is what a PGProxy does to a commit.
type Fault int

const (
	Pass          Fault = iota
	CutBefore           // the line breaks before the commit reaches the server
	CutAfter            // the line breaks after the server has committed and before it can say so
	RefuseRestart       // the server says 40001: try again
)

// A PGProxy stands between a store and PostgreSQL and can read what passes: it
// knows which statements a pipeline holds, and breaks the line at a commit in
// whichever way it is told. It can also be the network: see Close, Delay, Hold.
type PGProxy struct {
	address string // of the server
	ln      net.Listener

	mu     sync.Mutex
	faults []Fault // of the commits to come
	met    int     // how many of them were met
	conns  map[net.Conn]bool
	shut   bool          // new lines are refused
	late   time.Duration // every pipeline and every answer is so late
	gate   *gate         // of the lines that there are
}

// A gate is what the messages of some lines pass through. While it is held they
// wait; once it is lost they are dropped.
type gate struct {
	moved      chan struct{} // closed when it is held no longer
	held, lost bool
}

// NewPGProxy listens before the server of a database and returns itself with
// the database's address through it.
func NewPGProxy(t testing.TB, address string) (*PGProxy, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &PGProxy{address: u.Host, ln: ln, conns: map[net.Conn]bool{}, gate: &gate{}}
	if u.Port() == "" {
		p.address = net.JoinHostPort(u.Hostname(), "5432")
	}
	go p.serve()
	t.Cleanup(func() { ln.Close(); p.Open(); p.Cut() })
	u.Host = ln.Addr().String()
	q := u.Query()
	q.Set("sslmode", "disable")
	u.RawQuery = q.Encode()
	return p, u.String()
}

// Next says what becomes of the next commits, one after another; those after
// them pass.
func (p *PGProxy) Next(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults, p.met = faults, 0
}

// Met is how many of them were met.
func (p *PGProxy) Met() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.met
}

// Cut breaks every line there is.
func (p *PGProxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

// Reset breaks every line there is with a RST, which discards what is under way.
func (p *PGProxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
	}
}

// Close breaks every line and refuses new ones.
func (p *PGProxy) Close() {
	p.set(func() { p.shut = true })
	p.Reset()
}

// Delay makes every pipeline so late, and its answer.
func (p *PGProxy) Delay(d time.Duration) { p.set(func() { p.late = d }) }

// Hold lets nothing pass, and says so to nobody.
func (p *PGProxy) Hold() {
	p.set(func() { p.gate.held, p.gate.moved = true, make(chan struct{}) })
}

// Open ends Close, and Hold: what was held goes on.
func (p *PGProxy) Open() { p.set(func() { p.shut = false; p.gate.open(false) }) }

// Forget ends Hold for lines that are new. Those that there are lose all that
// is sent, for good, and neither end is told.
func (p *PGProxy) Forget() {
	p.set(func() {
		p.gate.open(true)
		p.gate = &gate{}
	})
}

func (p *PGProxy) set(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

func (g *gate) open(lost bool) {
	if g.held {
		close(g.moved)
	}
	g.held, g.lost = false, lost
}

// pass waits until a message may pass, and says whether it is not lost. The last
// of a pipeline or of an answer is also late.
func (l *line) pass(last bool) bool {
	p := l.proxy
	p.mu.Lock()
	late, held, moved := p.late, l.gate.held, l.gate.moved
	p.mu.Unlock()
	if last {
		time.Sleep(late)
	}
	if held {
		<-moved
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return !l.gate.lost
}

func (p *PGProxy) next() Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.met == len(p.faults) {
		return Pass
	}
	p.met++
	return p.faults[p.met-1]
}

func (p *PGProxy) serve() {
	for {
		client, err := p.ln.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.address)
		if err != nil {
			client.Close()
			continue
		}
		l := &line{proxy: p, client: client, server: server, names: map[string]string{}, silent: make(chan struct{}, 1)}
		p.mu.Lock()
		shut := p.shut
		l.gate = p.gate
		if !shut {
			p.conns[client], p.conns[server] = true, true
		}
		p.mu.Unlock()
		if shut {
			client.Close()
			server.Close()
			continue
		}
		go func() {
			l.up()
			l.end()
		}()
		go func() {
			l.down()
			l.end()
		}()
	}
}

// A line is one connection through the proxy.
type line struct {
	proxy          *PGProxy
	gate           *gate
	client, server net.Conn
	names          map[string]string // prepared statements: their texts

	mu     sync.Mutex
	mute   bool          // what the server says is not passed on
	silent chan struct{} // told when the server is ready while mute
}

// end closes both ends, unless the line is lost: then neither hears of the other.
func (l *line) end() {
	p := l.proxy
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.gate.lost {
		return // until Cut
	}
	l.client.Close()
	l.server.Close()
	delete(p.conns, l.client)
	delete(p.conns, l.server)
}

// up passes on what the client says, a pipeline at a time.
func (l *line) up() {
	var head [8]byte
	if _, err := io.ReadFull(l.client, head[:]); err != nil {
		return
	}
	if start, err := rest(l.client, head[:4], 4); err != nil || !l.say(append(head[:], start...)) {
		return // (the first message has no type)
	}
	var pipeline []byte
	commit := false
	for {
		msg, err := message(l.client)
		if err != nil {
			return
		}
		pipeline = append(pipeline, msg...)
		switch msg[0] {
		case 'P': // Parse: a name and a text
			name, text, _ := bytes.Cut(msg[5:], []byte{0})
			text, _, _ = bytes.Cut(text, []byte{0})
			l.names[string(name)] = string(text)
		case 'B': // Bind: a portal and a statement
			_, name, _ := bytes.Cut(msg[5:], []byte{0})
			name, _, _ = bytes.Cut(name, []byte{0})
			commit = commit || isCommit(l.names[string(name)])
		case 'Q': // Query
			commit = commit || isCommit(string(bytes.TrimRight(msg[5:], "\x00")))
		}
		switch msg[0] {
		case 'S', 'Q', 'H', 'X', 'p': // the server is to answer now
			if commit {
				if !l.atCommit(pipeline) {
					return
				}
			} else if !l.say(pipeline) {
				return
			}
			pipeline, commit = nil, false
		}
	}
}

func isCommit(text string) bool { return text == "COMMIT" || text == "commit" }

// atCommit does to a commit what is its turn, and says whether the line is
// still good.
func (l *line) atCommit(pipeline []byte) bool {
	switch l.proxy.next() {
	case CutBefore:
		return false
	case CutAfter:
		l.mu.Lock()
		l.mute = true
		l.mu.Unlock()
		if l.say(pipeline) {
			<-l.silent
		}
		return false
	case RefuseRestart:
		fields := "SERROR\x00VERROR\x00C40001\x00Mcould not serialize access\x00\x00"
		answer := append(framed('E', []byte(fields)), framed('Z', []byte{'E'})...)
		_, err := l.client.Write(answer)
		return err == nil
	}
	return l.say(pipeline)
}

func (l *line) say(msg []byte) bool {
	if !l.pass(true) {
		return true // lost, and nobody is told
	}
	_, err := l.server.Write(msg)
	return err == nil
}

// down passes on what the server says, unless it is muted.
func (l *line) down() {
	defer close(l.silent)
	for {
		msg, err := message(l.server)
		if err != nil {
			return
		}
		l.mu.Lock()
		mute := l.mute
		l.mu.Unlock()
		if !mute && l.pass(msg[0] == 'Z') {
			if _, err := l.client.Write(msg); err != nil {
				return
			}
		} else if mute && msg[0] == 'Z' {
			return
		}
	}
}

// message reads one message: a type, a length, and the rest.
func message(r io.Reader) ([]byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	body, err := rest(r, head[1:], 0)
	return append(head[:], body...), err
}

// rest reads what a length, which counts itself, says is to come, less what was
// read of it.
func rest(r io.Reader, length []byte, read int) ([]byte, error) {
	body := make([]byte, int(binary.BigEndian.Uint32(length))-4-read)
	_, err := io.ReadFull(r, body)
	return body, err
}

func framed(kind byte, body []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4)), body...)
}
