package main

import (
	"net/netip"
	"strconv"
	"strings"

	"wapas/desk"
	"wapas/server"
	"wapas/webhook"
)

// post is what delivers the events of all rooms, as the settings want it.
func (c *config) post(d *desk.Desk) *webhook.Post {
	guard, _ := c.guard() // checked
	return webhook.New(d, webhook.Options{Guard: guard, Keep: c.duration("webhook-keep")},
		server.Heralds()...)
}

// guard is what keeps the webhooks of live books from going astray.
func (c *config) guard() (webhook.Guard, error) {
	g := webhook.Guard{Plain: c.on("webhook-http"), Tests: c.on("webhook-guard-tests")}
	var err error
	if g.Allow, err = c.networks("webhook-allow"); err != nil {
		return g, err
	}
	for _, text := range commaed(c.value["webhook-ports"]) {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 65535 {
			return g, c.wrong("webhook-ports", "numbers such as 443,8443")
		}
		g.Ports = append(g.Ports, n)
	}
	return g, nil
}

// networks are those that a setting lists.
func (c *config) networks(setting string) (all []netip.Prefix, err error) {
	for _, text := range commaed(c.value[setting]) {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, c.wrong(setting, "networks such as 10.1.0.0/16,fd00::/8")
		}
		all = append(all, p.Masked())
	}
	return all, nil
}

// commaed are the items of a list with commas.
func commaed(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' })
}
