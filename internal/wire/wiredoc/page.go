package wiredoc

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"parley/internal/chat"
	"parley/internal/wire"
)

// The text of a page between <!-- contract KIND NAME --> and <!-- /contract --> is
// generated from the contract. The kinds are
//
//	request   the payload, the result and the errors of a request
//	push      the payload of a push
//	type      the fields of a type to which other blocks refer
//	texts     error texts: of requests, or of log-ins
var (
	block   = regexp.MustCompile(`(?s)<!-- contract (request|push|type|texts) ([A-Za-z ]+) -->.*?<!-- /contract -->`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// Pages generates the blocks of the pages, which are given by file name, and returns the
// new pages. missing names the blocks that are on no page.
func Pages(pages map[string]string) (filled map[string]string, missing []string, err error) {
	w := &writer{contract: read(), told: map[reflect.Type]string{}}
	wanted := w.blocks()
	for name, text := range pages {
		for _, at := range block.FindAllStringSubmatchIndex(text, -1) {
			key := text[at[2]:at[3]] + " " + text[at[4]:at[5]]
			t, ok := wanted[key]
			if !ok {
				return nil, nil, fmt.Errorf("%s: the contract has no %s", name, key)
			}
			if t != nil {
				w.told[t] = name + "#" + anchor(text[:at[0]])
			}
		}
	}
	filled = map[string]string{}
	for name, text := range pages {
		filled[name] = block.ReplaceAllStringFunc(text, func(old string) string {
			m := block.FindStringSubmatch(old)
			delete(wanted, m[1]+" "+m[2])
			return fmt.Sprintf("<!-- contract %s %s -->\n%s<!-- /contract -->", m[1], m[2], w.write(name, m[1], m[2]))
		})
	}
	for key := range wanted {
		missing = append(missing, key)
	}
	slices.Sort(missing)
	return filled, missing, nil
}

// anchor is the link to the last heading of a text.
func anchor(text string) string {
	all := heading.FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return ""
	}
	var out strings.Builder
	for _, r := range strings.ToLower(all[len(all)-1][1]) {
		switch {
		case r == ' ':
			out.WriteByte('-')
		case r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z':
			out.WriteRune(r)
		}
	}
	return out.String()
}

type writer struct {
	*contract
	page string
	told map[reflect.Type]string // the page of each type with its own block
}

// blocks returns every block that the pages must have, with the type that it describes, so
// that other blocks can link to it.
func (w *writer) blocks() map[string]reflect.Type {
	all := map[string]reflect.Type{"texts refusals": nil, "texts logins": nil}
	for _, r := range wire.Requests {
		all["request "+r.Name] = nil
	}
	for _, p := range wire.Pushes {
		all["push "+p.Name] = nil
	}
	all["push "+wire.PushNewMessage] = reflect.TypeFor[wire.UserMessage]()
	all["push "+wire.PushNewGroupMessage] = reflect.TypeFor[wire.GroupMessage]()
	for _, v := range append([]any{wire.File{}, wire.Files{}, wire.Card{}, wire.Location{}, wire.Refer{}, wire.ThreadMessage{}}, rows...) {
		t := reflect.TypeOf(v)
		all["type "+t.Name()] = t
	}
	return all
}

func (w *writer) write(page, kind, name string) string {
	w.page = page
	switch kind {
	case "request":
		i := slices.IndexFunc(wire.Requests, func(r wire.Request) bool { return r.Name == name })
		return w.request(&wire.Requests[i])
	case "push":
		i := slices.IndexFunc(wire.Pushes, func(p wire.Push) bool { return p.Name == name })
		return w.push(&wire.Pushes[i])
	case "type":
		return w.table(w.types[name], "")
	case "texts":
		if name == "logins" {
			return textTable(wire.LoginRefusals)
		}
		return textTable(wire.Refusals)
	}
	panic("wiredoc: no kind " + kind)
}

func (w *writer) request(r *wire.Request) string {
	var b strings.Builder
	payload, result := reflect.TypeOf(r.Payload), reflect.TypeOf(r.Result)
	fmt.Fprintf(&b, "Request **%s**. %s", r.Name, r.Doc)
	switch {
	case payload == operationType:
		fmt.Fprintf(&b, " Any object of at most %d KiB.\n", wire.MaxOperate>>10)
	case len(w.fields(payload)) == 0:
		b.WriteString(" No fields: `{}`.\n")
	default:
		b.WriteString("\n\n" + w.table(payload, ""))
	}
	b.WriteString("\n")
	switch {
	case r.Name == wire.EventCurrentChat:
		b.WriteString("Result: 1 or 0.")
	case result == numberType:
		b.WriteString("Result: 1.")
	case result.Kind() == reflect.Slice:
		b.WriteString("Result: a list of\n\n" + w.table(result.Elem(), "") + "\n")
	default:
		b.WriteString("Result:\n\n" + w.table(result, "") + "\n")
	}
	if len(r.Refusals) > 0 {
		if !strings.HasSuffix(b.String(), "\n") {
			b.WriteString(" ")
		}
		b.WriteString("Errors: " + quoted(r.Refusals) + ".")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func (w *writer) push(p *wire.Push) string {
	web := ""
	if p.WebOnly {
		web = " Only applications of kind `web` get it."
	}
	head := fmt.Sprintf("Push **%s**. %s%s", p.Name, p.Doc, web)
	t := reflect.TypeOf(p.Payload)
	switch {
	case t == operationType:
		return head + " The object as it was sent.\n"
	case len(w.fields(t)) == 0:
		return head + " No fields: `{}`.\n"
	}
	return head + "\n\n" + w.table(t, "")
}

// table returns the rows for the fields of a type. A nested type without its own block has
// its fields in the same table, with a dot before their names.
func (w *writer) table(t reflect.Type, prefix string) string {
	var b strings.Builder
	if prefix == "" {
		b.WriteString("| field | type | presence | meaning |\n|---|---|---|---|\n")
	}
	for _, f := range w.fields(t) {
		there := "optional"
		if f.always && w.asked[t] {
			there = "required"
		} else if f.always {
			there = "always"
		}
		kind, inner := w.kind(f)
		name := prefix + f.name
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", name, kind, there, strings.ReplaceAll(f.doc, "|", `\|`))
		if inner != nil {
			dot := "."
			if f.typ.Kind() == reflect.Slice && f.shapes == nil {
				dot = "[]."
			}
			b.WriteString(w.table(inner, name+dot))
		}
	}
	return b.String()
}

// kind describes the type of a field, and returns the nested type whose fields must be in
// the same table.
func (w *writer) kind(f field) (string, reflect.Type) {
	if f.shapes == nil {
		return w.kindOf(f.typ)
	}
	var either []string
	var inner reflect.Type
	for _, name := range f.shapes {
		said := name
		if t, ok := w.shaped(name); ok {
			said, inner = w.kindOf(t)
		}
		either = append(either, said)
	}
	return strings.Join(either, " or "), inner
}

func (w *writer) kindOf(t reflect.Type) (string, reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == accountsType {
		return fmt.Sprintf("list of strings, or `%q`", chat.Everyone), nil
	}
	if t.Kind() == reflect.Slice && t != rawType {
		said, inner := w.kindOf(t.Elem())
		if said == "object" || said == "string" {
			said += "s"
		}
		return "list of " + said, inner
	}
	if link, ok := w.told[t]; ok {
		name := strings.ToLower(t.Name())
		for _, p := range wire.Pushes {
			if reflect.TypeOf(p.Payload) == t {
				name = p.Name
			}
		}
		return fmt.Sprintf("[%s](%s)", name, strings.TrimPrefix(link, w.page)), nil
	}
	if t.Kind() == reflect.Struct && !opaque(t) {
		return "object", t
	}
	return word(t), nil
}

func textTable(of []wire.Text) string {
	var b strings.Builder
	b.WriteString("| text | when |\n|---|---|\n")
	for _, t := range of {
		fmt.Fprintf(&b, "| `%s` | %s |\n", t.Error, t.Doc)
	}
	return b.String()
}

func quoted(of []chat.Error) string {
	var out []string
	for _, e := range of {
		out = append(out, "`"+e.Error()+"`")
	}
	return strings.Join(out, ", ")
}
