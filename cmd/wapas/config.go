package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/server"
	"wapas/sms"
)

// A setting is one thing that can be configured. Its flag is --name, its
// environment variable WAPAS_NAME, its line in the file NAME = VALUE.
type setting struct {
	name, def, usage string
	secret           bool // never a flag, printed as dots
	flag             bool // on or off
}

// settings are all of them, in the order of the manual. With none of them set
// there is a SQLite file in the current directory, on loopback.
var settings = []setting{
	{name: "db", def: "sqlite:wapas.db", usage: "where the books are: sqlite:FILE or postgres://USER:PASSWORD@HOST/NAME"},
	{name: "archive", usage: "folder of the files that \"wapas archive\" makes (default for SQLite: next to the database, under its name and .archive)"},
	{name: "server", usage: "a server to speak to instead of opening --db here, such as https://pay.example.in, with a token of its room native in WAPAS_TOKEN (default: none)"},
	{name: "token", secret: true, usage: "what --server knows us by: a token of its room native, which opens one book"},
	{name: "listen", def: "127.0.0.1:8080", usage: "address to answer on"},
	{name: "key", secret: true, usage: "master key that seals secrets: 32 bytes as hex or base64; after commas, older ones that may still open"},
	{name: "key-file", usage: "file that holds the master key (default for SQLite: next to the database, created if missing)"},
	{name: "url", usage: "what callers know the server by, such as https://pay.example.in, for links that it hands out (default: what they called it by)"},
	{name: "proxies", usage: "networks of the reverse proxies in front of the server, such as 10.0.0.0/8, with commas between: their X-Forwarded-For is believed (default: none is)"},
	{name: "printed-denials", def: "false", flag: true, usage: "refuse Razorpay keys in the words that the manual prints, instead of those the real API sends"},
	{name: "migrate", def: "false", flag: true, usage: "bring the schema up to date first (SQLite always does)"},
	{name: "log", def: "text", usage: "form of the log: text or json"},
	{name: "log-level", def: "info", usage: "debug, info, warn or error"},
	{name: "timeout", def: "30s", usage: "how long one request may take"},
	{name: "max-body", def: "8388608", usage: "how many bytes a request's body may have"},
	{name: "rate", def: "0", usage: "how many requests a second each credential, and each session of the console, may make at one server, twice as many at once; 0 is any number"},
	{name: "linger", def: "0s", usage: "after SIGTERM, how long to go on answering while /readyz says no"},
	{name: "grace", def: "20s", usage: "after that, how long requests under way may take to end"},
	{name: "sms-url", usage: "gateway that texts of live books are posted to, such as https://sms.example.in/send (default: texts are not sent, and the log says so)"},
	{name: "sms-secret", secret: true, usage: "what the SMS gateway knows us by: the header X-Wapas-Secret"},
	{name: "eko-clock", def: "5m", usage: "how far the clock of an Eko caller may be off"},
	{name: "eko-debug", def: "false", flag: true, usage: "tell Eko callers which common mistake a wrong secret-key looks like"},
	{name: "eko-strict", def: "false", flag: true, usage: "answer parameters that an Eko call does not list with \"No key for Response\""},
	{name: "eko-replays", def: "false", flag: true, usage: "let each secret-key of an Eko caller in once only"},
	{name: "eko-code-twice", def: "false", flag: true, usage: "put the code of a refusal into response_status_id of Eko answers as well as into status"},
	{name: "eko-aliases", def: "false", flag: true, usage: "take the headers developer-key and x-developer-key for developer_key, for Eko callers behind a proxy that drops underscores"},
	{name: "webhook-allow", usage: "networks that webhooks of live books may reach although they are not public, such as 10.1.0.0/16, with commas between"},
	{name: "webhook-ports", usage: "the only ports that webhooks of live books may go to, with commas between (default: any)"},
	{name: "webhook-http", def: "false", flag: true, usage: "let webhooks of live books go out by http, not only by https"},
	{name: "webhook-guard-tests", def: "false", flag: true, usage: "hold webhooks of test books to the same rules as those of live books: for a server with merchants of others"},
	{name: "request-log", def: "test", usage: "which API calls are kept, masked, to be looked at: test (all to test books; of live books those refused), all or off"},
	{name: "request-log-keep", def: "168h", usage: "how long they are kept"},
	{name: "webhook-keep", def: "720h", usage: "how long attempts to deliver webhooks are kept"},
}

func (s setting) env() string {
	return "WAPAS_" + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

// with gives a verb the flags of some settings.
func (p *program) with(c *cobra.Command, names ...string) *cobra.Command {
	for _, s := range settings {
		if !slices.Contains(names, s.name) || s.secret {
			continue
		}
		v := &given{into: p.flags, name: s.name, def: s.def, flag: s.flag}
		c.Flags().Var(v, s.name, s.usage+" ("+s.env()+")")
		if s.flag {
			c.Flags().Lookup(s.name).NoOptDefVal = "true"
		}
	}
	return c
}

// given is a flag's value that remembers that it was given.
type given struct {
	into      map[string]string
	name, def string
	flag      bool
}

func (g *given) Set(v string) error { g.into[g.name] = v; return nil }
func (g *given) String() string {
	if v, said := g.into[g.name]; said {
		return v
	}
	return g.def
}
func (g *given) Type() string {
	if g.flag {
		return "bool"
	}
	return "string"
}

// A config is what is in force: each setting's value and where it is from.
type config struct {
	value, from map[string]string
}

// load settles what is in force: flag beats environment beats file.
func (p *program) load() (*config, error) {
	file, path, err := p.file()
	if err != nil {
		return nil, err
	}
	c := &config{map[string]string{}, map[string]string{}}
	for _, s := range settings {
		c.value[s.name], c.from[s.name] = s.def, "default"
		if v, ok := file[s.name]; ok {
			c.value[s.name], c.from[s.name] = v, path
		}
		if v, ok := p.env[s.env()]; ok {
			c.value[s.name], c.from[s.name] = v, s.env()
		}
		if v, ok := p.flags[s.name]; ok {
			c.value[s.name], c.from[s.name] = v, "--"+s.name
		}
	}
	return c, c.check()
}

// file reads the settings' file, if there is one.
func (p *program) file() (values map[string]string, path string, err error) {
	path = p.config
	if path == "" {
		path = p.env["WAPAS_CONFIG"]
	}
	asked := path != ""
	if !asked {
		path = "wapas.conf"
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && !asked {
		return nil, "", nil
	}
	if err != nil {
		return nil, path, usagef("read the settings: %v", err)
	}
	defer f.Close()
	values = map[string]string{}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(name), "_", "-"))
		if !ok || !slices.ContainsFunc(settings, func(s setting) bool { return s.name == name }) {
			return nil, path, usagef("%s:%d: %q is not a setting; \"wapas config\" lists them", path, n, line)
		}
		values[name] = strings.TrimSpace(value)
	}
	return values, path, lines.Err()
}

// check looks at every value, so that a wrong one is reported before anything
// is done, whoever would have needed it.
func (c *config) check() error {
	for _, name := range []string{"timeout", "linger", "grace", "webhook-keep", "request-log-keep", "eko-clock"} {
		if d, err := time.ParseDuration(c.value[name]); err != nil || d < 0 {
			return c.wrong(name, `a duration such as "30s" or "2m"`)
		}
	}
	if _, err := c.networks("proxies"); err != nil {
		return err
	}
	if _, err := c.guard(); err != nil {
		return err
	}
	if _, err := c.sender(); err != nil {
		return c.wrong("sms-url", "an address such as https://sms.example.in/send")
	}
	if n, err := strconv.ParseInt(c.value["max-body"], 10, 64); err != nil || n < 1024 {
		return c.wrong("max-body", "a number of bytes, 1024 or more")
	}
	if n, err := strconv.ParseInt(c.value["rate"], 10, 64); err != nil || n < 0 || n > desk.MaxRate {
		return c.wrong("rate", fmt.Sprintf("a number of requests a second, 0 to %d", desk.MaxRate))
	}
	for _, s := range settings {
		if _, err := strconv.ParseBool(c.value[s.name]); s.flag && err != nil {
			return c.wrong(s.name, "true or false")
		}
	}
	if u, err := url.Parse(c.value["url"]); err != nil || c.value["url"] != "" && (u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path != "") {
		return c.wrong("url", "a scheme and a host, such as https://pay.example.in")
	}
	if u, err := url.Parse(c.value["server"]); err != nil || c.value["server"] != "" && (u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.User != nil) {
		return c.wrong("server", "a scheme and a host, such as https://pay.example.in")
	}
	if c.from["server"] == "--server" && c.from["db"] == "--db" {
		return usagef("--server and --db are two places: say one of them")
	}
	if !slices.Contains([]string{"text", "json"}, c.value["log"]) {
		return c.wrong("log", "text or json")
	}
	if !slices.Contains([]string{server.LogTest, server.LogAll, server.LogOff}, c.value["request-log"]) {
		return c.wrong("request-log", "test, all or off")
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.value["log-level"]) {
		return c.wrong("log-level", "debug, info, warn or error")
	}
	if c.sqlite() == "" && !strings.HasPrefix(c.value["db"], "postgres://") && !strings.HasPrefix(c.value["db"], "postgresql://") {
		return usagef("db (%s) must be sqlite:FILE or postgres://USER:PASSWORD@HOST/NAME", c.from["db"])
	}
	return nil
}

// sender is what brings texts of live books to mobiles; nil if nothing does.
func (c *config) sender() (desk.Sender, error) {
	if c.value["sms-url"] == "" {
		return nil, nil
	}
	g, err := sms.New(c.value["sms-url"], c.value["sms-secret"])
	if err != nil {
		return nil, err
	}
	return g, nil
}

func (c *config) wrong(name, want string) error {
	return usagef("%s (%s) is %q; it must be %s", name, c.from[name], c.value[name], want)
}

// sqlite is the database's file, empty if it is not SQLite.
func (c *config) sqlite() string {
	path, ok := strings.CutPrefix(c.value["db"], "sqlite:")
	if !ok {
		return ""
	}
	return path
}

func (c *config) duration(name string) time.Duration {
	d, _ := time.ParseDuration(c.value[name]) // checked
	return d
}

func (c *config) number(name string) int64 {
	n, _ := strconv.ParseInt(c.value[name], 10, 64) // checked
	return n
}

func (c *config) on(name string) bool {
	b, _ := strconv.ParseBool(c.value[name]) // checked
	return b
}

// shown is a value as it may be printed.
func (c *config) shown(s setting) string {
	v := c.value[s.name]
	switch {
	case v == "":
		return ""
	case s.secret:
		return "••••••"
	case s.name == "db":
		return masked(v)
	}
	return v
}

// masked is a database's address without its password.
func masked(db string) string {
	u, err := url.Parse(db)
	if err != nil || u.Host == "" && u.User == nil {
		if strings.HasPrefix(db, "sqlite:") {
			return db
		}
		return strings.SplitAfter(db, ":")[0] + "••••••"
	}
	if q := u.Query(); q.Has("password") {
		q.Set("password", "xxxxx")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}

func (p *program) printConfig() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "config",
		Short: "Print what is in force and where it comes from, secrets masked",
		Example: `  wapas config
  WAPAS_DB=postgres://wapas@localhost/wapas wapas config --json`,
		Args: args(),
		RunE: func(*cobra.Command, []string) error {
			cfg, err := p.load()
			if err != nil {
				return err
			}
			type line struct {
				Name  string `json:"name"`
				Value string `json:"value"`
				From  string `json:"from"`
				Env   string `json:"env"`
			}
			var lines []line
			for _, s := range settings {
				lines = append(lines, line{s.name, cfg.shown(s), cfg.from[s.name], s.env()})
			}
			if asJSON {
				return p.json(lines)
			}
			w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
			for _, l := range lines {
				fmt.Fprintf(w, "%s\t%s\t%s\n", l.Name, l.Value, l.From)
			}
			return w.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	names := make([]string, len(settings))
	for i, s := range settings {
		names[i] = s.name
	}
	return p.with(c, names...)
}

// json prints v for another program.
func (p *program) json(v any) error {
	enc := json.NewEncoder(p.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
