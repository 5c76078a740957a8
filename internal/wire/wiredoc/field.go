package wiredoc

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"parley/internal/chat"
	"parley/internal/wire"
)

// contract has the types that clients see.
type contract struct {
	types map[string]reflect.Type // structs, by name
	asked map[reflect.Type]bool   // the types that clients send
}

// rows are the types of the history over HTTP that the sockets do not use.
var rows = []any{wire.ChatRow{}, wire.HistoryRow{}}

func read() *contract {
	c := &contract{types: map[string]reflect.Type{}, asked: map[reflect.Type]bool{}}
	for _, r := range wire.Requests {
		c.visit(reflect.TypeOf(r.Payload), true)
		c.visit(reflect.TypeOf(r.Result), false)
	}
	for _, p := range wire.Pushes {
		c.visit(reflect.TypeOf(p.Payload), false)
	}
	for _, row := range rows {
		c.visit(reflect.TypeOf(row), false)
	}
	return c
}

func (c *contract) visit(t reflect.Type, asked bool) {
	t = element(t)
	if t.Kind() != reflect.Struct || opaque(t) || c.asked[t] {
		return
	}
	c.types[t.Name()] = t
	if asked {
		c.asked[t] = true
	}
	for _, f := range reflect.VisibleFields(t) {
		if f.IsExported() {
			c.visit(f.Type, asked)
		}
	}
}

// element returns the type of the elements of a pointer or a list.
func element(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice && t != rawType {
		t = t.Elem()
	}
	return t
}

var (
	rawType       = reflect.TypeFor[json.RawMessage]()
	accountsType  = reflect.TypeFor[wire.Accounts]()
	operationType = reflect.TypeFor[wire.Operation]()
	numberType    = reflect.TypeFor[wire.Number]()
	messageIDType = reflect.TypeFor[chat.MessageID]()
	categoryType  = reflect.TypeFor[chat.Category]()
	sessionType   = reflect.TypeFor[chat.SessionType]()
)

// opaque types have their own encoding and decoding: clients do not see their fields.
func opaque(t reflect.Type) bool { return t == accountsType || t == operationType }

// field is a field of a type, as clients see it.
type field struct {
	name   string
	doc    string
	typ    reflect.Type
	shapes []string // instead of typ
	always bool     // clients must send it, or the server always sends it
	max    int      // bytes of a string; 0: no limit in the tag
}

// fields returns the fields of a struct, in the order in which they are written.
func (c *contract) fields(t reflect.Type) []field {
	var out []field
	for _, sf := range reflect.VisibleFields(t) {
		name, option, _ := strings.Cut(sf.Tag.Get("json"), ",")
		if sf.Anonymous || name == "" || name == "-" {
			continue
		}
		f := field{name: name, doc: sf.Tag.Get("doc"), typ: sf.Type, always: option != "omitempty"}
		if c.asked[t] {
			f.always = false
			for rule := range strings.SplitSeq(sf.Tag.Get("rule"), ",") {
				if rule == "required" {
					f.always = true
				}
				if n, ok := strings.CutPrefix(rule, "max="); ok {
					f.max, _ = strconv.Atoi(n)
				}
			}
		}
		if shape := sf.Tag.Get("shape"); shape != "" {
			f.shapes = strings.Split(shape, ",")
		}
		if f.doc == "" {
			panic(fmt.Sprintf("wiredoc: %s.%s has no doc", t, sf.Name))
		}
		out = append(out, f)
	}
	return out
}

// shaped returns the type with the name of a shape. It returns false for a type of JSON.
func (c *contract) shaped(name string) (reflect.Type, bool) {
	if name == "string" || name == "integer" {
		return nil, false
	}
	t, ok := c.types[name]
	if !ok {
		panic("wiredoc: no type of the contract has the name " + name)
	}
	return t, true
}

// word is the name of a type in JSON.
func word(t reflect.Type) string {
	switch {
	case t == messageIDType:
		return "string"
	case t == numberType:
		return "integer"
	case t == operationType:
		return "object"
	}
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.Float64:
		return "number"
	case reflect.Bool:
		return "boolean"
	case reflect.Struct, reflect.Map:
		return "object"
	case reflect.Slice:
		return "array"
	}
	panic("wiredoc: JSON has no word for " + t.String())
}
