package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Digest is a hash of a request as it was understood, for Once. Give it
// the request to the desk, before its Once is set. A digest is kept for good,
// so it does not change when the program does: fields count by their names and
// only if they hold something, so that a request means the same after a field
// was added to its type or moved in it. It panics on what no request to the
// desk holds: a float, a function, a channel.
func Digest(understood ...any) string {
	buf := make([]byte, 0, 512)
	for _, v := range understood {
		buf = appendMeaning(buf, reflect.ValueOf(v))
	}
	sum := sha256.Sum256(buf)
	return hex.EncodeToString(sum[:])
}

// appendMeaning writes a value so that no other value is written alike: each
// begins with its kind, and what may be of any length with its length.
func appendMeaning(buf []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Invalid:
		return append(buf, '~')
	case reflect.Pointer:
		return appendMeaning(buf, v.Elem()) // invalid if it is nil
	case reflect.Interface:
		if !v.IsNil() { // a Number is no Text, though both are strings
			buf = appendLong(buf, '!', v.Elem().Type().Name())
		}
		return appendMeaning(buf, v.Elem())
	case reflect.String:
		return appendLong(buf, '"', v.String())
	case reflect.Bool:
		return strconv.AppendBool(append(buf, '?'), v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return append(strconv.AppendInt(append(buf, '#'), v.Int(), 10), ';')
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return append(strconv.AppendUint(append(buf, '#'), v.Uint(), 10), ';')
	case reflect.Slice, reflect.Array:
		buf = append(strconv.AppendInt(append(buf, '['), int64(v.Len()), 10), ':')
		for i := range v.Len() {
			buf = appendMeaning(buf, v.Index(i))
		}
		return buf
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		buf = append(strconv.AppendInt(append(buf, '<'), int64(len(keys)), 10), ':')
		for _, k := range keys {
			buf = appendMeaning(appendMeaning(buf, k), v.MapIndex(k))
		}
		return buf
	case reflect.Struct:
		buf = append(buf, '{')
		for _, f := range fieldsOf(v.Type()) {
			if part := v.Field(f.index); !part.IsZero() {
				buf = appendMeaning(appendLong(buf, '.', f.name), part)
			}
		}
		return append(buf, '}')
	}
	panic(fmt.Sprintf("desk: a request to the desk with a %s in it", v.Kind()))
}

func appendLong(buf []byte, kind byte, s string) []byte {
	return append(append(strconv.AppendInt(append(buf, kind), int64(len(s)), 10), ':'), s...)
}

// A digestField is an exported field of a struct.
type digestField struct {
	name  string
	index int
}

var digestFields sync.Map // of reflect.Type to []digestField, by their names

func fieldsOf(t reflect.Type) []digestField {
	if known, ok := digestFields.Load(t); ok {
		return known.([]digestField)
	}
	var all []digestField
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() {
			all = append(all, digestField{f.Name, i})
		}
	}
	slices.SortFunc(all, func(a, b digestField) int { return strings.Compare(a.name, b.name) })
	digestFields.Store(t, all)
	return all
}
