package main

import (
	"slices"
	"strings"

	"wapas/desk"
	"wapas/dialect/eko"
	"wapas/dialect/engage"
	"wapas/dialect/native"
	"wapas/dialect/phonepe"
	"wapas/dialect/razorpay"
)

// A keyKind is a sort of credential that a room knows, and what it looks like.
// A bearer token has no name: its secret is all there is of it.
type keyKind struct {
	room, kind string
	of         func(name string) bool // whether a credential of the room is of this kind
	mint       func(mode desk.Mode, old string) (name, secret string)
}

// keyKinds are all there are. The first of a room is what it is given unless
// another is asked for; a new merchant has one of each.
var keyKinds = []keyKind{
	{razorpay.Room, "key", named("rzp_"), anew(razorpay.NewKey)},
	{razorpay.Room, "token", bearing, token(func(desk.Mode) string { return desk.Letters(40) })},
	{engage.Room, "token", bearing, token(engage.NewToken)},
	{engage.Room, "client", func(name string) bool { return !bearing(name) }, anew(engage.NewClient)},
	{phonepe.Room, "salt", func(name string) bool { return strings.Contains(name, "#") }, phonepe.NewSalt},
	{phonepe.Room, "client", named("client:"), anew(phonepe.NewClient)},
	{eko.Room, "key", func(string) bool { return true }, anew(eko.NewKey)},
	{native.Room, "token", bearing, token(native.NewToken)},
}

func named(prefix string) func(string) bool {
	return func(name string) bool { return strings.HasPrefix(name, prefix) }
}

var bearing = named("bearer:")

// anew mints without looking at what it replaces.
func anew(mint func(desk.Mode) (string, string)) func(desk.Mode, string) (string, string) {
	return func(mode desk.Mode, _ string) (string, string) { return mint(mode) }
}

func token(mint func(desk.Mode) string) func(desk.Mode, string) (string, string) {
	return func(mode desk.Mode, _ string) (string, string) { return "", mint(mode) }
}

// atBirth says whether a new merchant is given one of these.
func (k keyKind) atBirth() bool { return k.room != razorpay.Room || k.kind == "key" }

// roomNames are the rooms that give out credentials.
func roomNames() []string {
	var names []string
	for _, k := range keyKinds {
		if !slices.Contains(names, k.room) {
			names = append(names, k.room)
		}
	}
	return names
}

// kindNames are the kinds of credentials of a room.
func kindNames(room string) []string {
	var names []string
	for _, k := range keyKinds {
		if k.room == room {
			names = append(names, k.kind)
		}
	}
	return names
}

// kindNamed is a kind of a room by its name; the room's first if that is empty.
func kindNamed(room, kind string) (keyKind, error) {
	if !slices.Contains(roomNames(), room) {
		return keyKind{}, usagef("there is no room %q; there are: %s", room, strings.Join(roomNames(), ", "))
	}
	i := slices.IndexFunc(keyKinds, func(k keyKind) bool { return k.room == room && (kind == "" || k.kind == kind) })
	if i < 0 {
		return keyKind{}, usagef("%s has no %q; it has: %s", room, kind, strings.Join(kindNames(room), ", "))
	}
	return keyKinds[i], nil
}

// kindOf is the kind that a credential is of.
func kindOf(room, name string) (keyKind, error) {
	i := slices.IndexFunc(keyKinds, func(k keyKind) bool { return k.room == room && k.of(name) })
	if i < 0 {
		return kindNamed(room, "")
	}
	return keyKinds[i], nil
}
