package main

import (
	"slices"
	"strings"

	"wapas/dialect"
	"wapas/dialect/razorpay"
	"wapas/server"
)

// keyKinds are all sorts of credentials there are. A new merchant has one of
// each, but for those that atBirth leaves out.
var keyKinds = server.Keys()

// bearing says whether a credential is a bearer token, by its name.
func bearing(name string) bool { return strings.HasPrefix(name, "bearer:") }

// atBirth says whether a new merchant is given one of these.
func atBirth(k dialect.KeyKind) bool { return k.Room != razorpay.Room || k.Kind == "key" }

// roomNames are the rooms that give out credentials.
func roomNames() []string {
	var names []string
	for _, k := range keyKinds {
		if !slices.Contains(names, k.Room) {
			names = append(names, k.Room)
		}
	}
	return names
}

// kindNames are the kinds of credentials of a room.
func kindNames(room string) []string {
	var names []string
	for _, k := range keyKinds {
		if k.Room == room {
			names = append(names, k.Kind)
		}
	}
	return names
}

// kindNamed is a kind of a room by its name; the room's first if that is empty.
func kindNamed(room, kind string) (dialect.KeyKind, error) {
	if !slices.Contains(roomNames(), room) {
		return dialect.KeyKind{}, usagef("there is no room %q; there are: %s", room, strings.Join(roomNames(), ", "))
	}
	i := slices.IndexFunc(keyKinds, func(k dialect.KeyKind) bool { return k.Room == room && (kind == "" || k.Kind == kind) })
	if i < 0 {
		return dialect.KeyKind{}, usagef("%s has no %q; it has: %s", room, kind, strings.Join(kindNames(room), ", "))
	}
	return keyKinds[i], nil
}

// checkScopes refuses words that limit no credential of a kind: one with such a
// word may do nothing.
func checkScopes(of dialect.KeyKind, asked string) error {
	for _, word := range strings.Fields(asked) {
		switch {
		case len(of.Scopes) == 0:
			return usagef("a %s of %s cannot be limited: leave --scopes out", of.Kind, of.Room)
		case !slices.Contains(of.Scopes, word):
			return usagef("--scopes: %s has no %q; there are: %s", of.Room, word, strings.Join(of.Scopes, ", "))
		}
	}
	return nil
}

// kindOf is the kind that a credential is of.
func kindOf(room, name string) (dialect.KeyKind, error) {
	i := slices.IndexFunc(keyKinds, func(k dialect.KeyKind) bool { return k.Room == room && k.Of(name) })
	if i < 0 {
		return kindNamed(room, "")
	}
	return keyKinds[i], nil
}
