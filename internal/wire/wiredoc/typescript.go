package wiredoc

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"parley/internal/chat"
	"parley/internal/wire"
)

// TypeScript returns the contract as types for the web client: an interface for every
// shape, and maps from the names of events to the types of their payloads.
func TypeScript() []byte {
	c := read()
	var b bytes.Buffer
	b.WriteString("// Made from internal/wire by go generate. Do not edit.\n\n")
	fmt.Fprintf(&b, "/** Of a chat: 1 user, 2 group, 3 to 10 an inbox, 100 public account. */\nexport type SessionType = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 100\n\n")
	var categories []string
	for _, info := range chat.Categories {
		categories = append(categories, literal(string(info.Category)))
	}
	fmt.Fprintf(&b, "/** The name of an inbox. */\nexport type Category = %s\n", strings.Join(categories, " | "))

	names := make([]string, 0, len(c.types))
	for name := range c.types {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fields := c.fields(c.types[name])
		if len(fields) == 0 {
			fmt.Fprintf(&b, "\nexport type %s = Record<string, never>\n", name)
			continue
		}
		fmt.Fprintf(&b, "\nexport interface %s {\n", name)
		for _, f := range fields {
			optional := "?"
			if f.always {
				optional = ""
			}
			fmt.Fprintf(&b, "  /** %s */\n  %s%s: %s\n", f.doc, f.name, optional, c.typescript(f))
		}
		b.WriteString("}\n")
	}
	b.WriteString("\n/** An entry of GET /messages and its relatives. */\nexport type UserHistoryRow = UserMessage & HistoryRow\n")
	b.WriteString("\n/** An entry of GET /group_messages and its relatives. */\nexport type GroupHistoryRow = GroupMessage & HistoryRow\n")

	b.WriteString("\n/** What a client may ask, by the event's name, and what it is answered. */\nexport interface Requests {\n")
	for _, r := range wire.Requests {
		fmt.Fprintf(&b, "  /** %s */\n  %s: { payload: %s; result: %s }\n", r.Doc, literal(r.Name), typescript(reflect.TypeOf(r.Payload)), result(&r))
	}
	b.WriteString("}\n\n/** What the server says unasked, by the event's name. */\nexport interface Pushes {\n")
	for _, p := range wire.Pushes {
		fmt.Fprintf(&b, "  /** %s */\n  %s: %s\n", p.Doc, literal(p.Name), typescript(reflect.TypeOf(p.Payload)))
	}
	b.WriteString("}\n\n/** What a request may be refused with, beside texts that begin with `invalid payload: `. */\nexport type Refusal =\n")
	b.WriteString(union(wire.Refusals))
	b.WriteString("\n/** What a connection may be refused with. */\nexport type LoginRefusal =\n")
	b.WriteString(union(wire.LoginRefusals))
	return b.Bytes()
}

func (c *contract) typescript(f field) string {
	if f.shapes == nil {
		return typescript(f.typ)
	}
	var either []string
	for _, name := range f.shapes {
		switch t, ok := c.shaped(name); {
		case ok:
			either = append(either, t.Name())
		case name == "integer":
			either = append(either, "number")
		default:
			either = append(either, name)
		}
	}
	return strings.Join(either, " | ")
}

func typescript(t reflect.Type) string {
	switch {
	case t.Kind() == reflect.Pointer:
		return typescript(t.Elem())
	case t == accountsType:
		return "string[] | " + literal(string(chat.Everyone))
	case t == operationType:
		return "Record<string, unknown>"
	case t == categoryType || t == sessionType:
		return t.Name()
	case t.Kind() == reflect.Slice:
		return typescript(t.Elem()) + "[]"
	case t.Kind() == reflect.Map:
		return "Record<string, " + typescript(t.Elem()) + ">"
	case t.Kind() == reflect.Struct:
		return t.Name()
	}
	if w := word(t); w != "integer" {
		return w
	}
	return "number"
}

func result(r *wire.Request) string {
	switch {
	case r.Name == wire.EventCurrentChat:
		return "0 | 1"
	case reflect.TypeOf(r.Result) == numberType:
		return "1"
	}
	return typescript(reflect.TypeOf(r.Result))
}

func union(texts []wire.Text) string {
	var b strings.Builder
	for _, t := range texts {
		fmt.Fprintf(&b, "  | %s\n", literal(t.Error.Error()))
	}
	return b.String()
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", `\'`) + "'" }
