package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// TypeScript returns the operations with a tag as types for a web client: an interface for
// every schema that they use, in the order of their names, and the interface name, a map from
// the operations to what they take and give. about is the name of the API in its comment.
// Everything is taken from the document; what that leaves open, these types do too.
func TypeScript(doc *huma.OpenAPI, tag, name, about string) []byte {
	t := &typescript{schemas: doc.Components.Schemas.Map(), used: map[string]bool{}}
	t.operations(doc.Paths, tag)
	operations := t.take()
	t.interfaces()

	var b bytes.Buffer
	b.WriteString("// Made from internal/rest by go generate. Do not edit.\n")
	b.Write(t.take())
	fmt.Fprintf(&b, "\n/**\n * %s: what an operation takes as its query and as its body, and what it gives.\n"+
		" * undefined: it takes none; void: what it gives is not read.\n */\n", about)
	fmt.Fprintf(&b, "export interface %s {\n", name)
	b.Write(operations)
	b.WriteString("}\n")
	return b.Bytes()
}

// methodOrder is that of the operations of one path.
var methodOrder = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

type typescript struct {
	out     bytes.Buffer
	schemas map[string]*huma.Schema
	used    map[string]bool // schemas that have to be declared
}

func (t *typescript) take() []byte {
	defer t.out.Reset()
	return bytes.Clone(t.out.Bytes())
}

func (t *typescript) operations(paths map[string]*huma.PathItem, tag string) {
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := paths[path]
		byMethod := map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
			http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
		}
		for _, method := range methodOrder {
			if op := byMethod[method]; op != nil && slices.Contains(op.Tags, tag) {
				t.doc("  ", op.Summary)
				fmt.Fprintf(&t.out, "  %s: {\n", quoted(method+" "+path))
				t.query(op.Parameters)
				fmt.Fprintf(&t.out, "    body: %s\n", t.body(op.RequestBody))
				fmt.Fprintf(&t.out, "    result: %s\n  }\n", t.result(op.Responses))
			}
		}
	}
}

func (t *typescript) query(params []*huma.Param) {
	params = slices.DeleteFunc(slices.Clone(params), func(p *huma.Param) bool { return p.In != "query" })
	if len(params) == 0 {
		t.out.WriteString("    query: undefined\n")
		return
	}
	t.out.WriteString("    query: {\n")
	for _, p := range params {
		t.field("      ", p.Name, p.Required, p.Schema, p.Description)
	}
	t.out.WriteString("    }\n")
}

func (t *typescript) body(body *huma.RequestBody) string {
	if body == nil {
		return "undefined"
	}
	return t.of(body.Content["application/json"].Schema)
}

// result is the body of the one answer that is no refusal.
func (t *typescript) result(responses map[string]*huma.Response) string {
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		if content := responses[status].Content["application/json"]; content != nil {
			return t.of(content.Schema)
		}
	}
	return "void"
}

// interfaces declares what is used, and what those use in turn.
func (t *typescript) interfaces() {
	declared := map[string][]byte{}
	for len(declared) < len(t.used) {
		for _, name := range slices.Collect(maps.Keys(t.used)) {
			if _, done := declared[name]; !done {
				t.declare(name, t.schemas[name])
				declared[name] = t.take()
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		t.out.Write(declared[name])
	}
}

func (t *typescript) declare(name string, s *huma.Schema) {
	t.out.WriteByte('\n')
	t.doc("", s.Description)
	if s.Type != huma.TypeObject {
		fmt.Fprintf(&t.out, "export type %s = %s\n", name, t.of(s))
		return
	}
	fmt.Fprintf(&t.out, "export interface %s {\n", name)
	for _, field := range slices.Sorted(maps.Keys(s.Properties)) {
		property := s.Properties[field]
		t.field("  ", field, slices.Contains(s.Required, field), property, property.Description)
	}
	t.out.WriteString("}\n")
}

func (t *typescript) field(indent, name string, required bool, s *huma.Schema, doc string) {
	t.doc(indent, doc)
	optional := "?"
	if required {
		optional = ""
	}
	fmt.Fprintf(&t.out, "%s%s%s: %s\n", indent, name, optional, t.of(s))
}

func (t *typescript) doc(indent, text string) {
	if text != "" {
		fmt.Fprintf(&t.out, "%s/** %s */\n", indent, strings.ReplaceAll(text, "*/", "*\\/"))
	}
}

// of returns the type of what a schema describes, and notes the schemas it refers to.
func (t *typescript) of(s *huma.Schema) string {
	// A list of a fixed length is an array of Go's, which is never null, whatever huma says of lists.
	if s.Type == huma.TypeArray && s.MinItems != nil && s.MaxItems != nil && *s.MinItems == *s.MaxItems {
		return "[" + strings.Join(slices.Repeat([]string{t.of(s.Items)}, *s.MinItems), ", ") + "]"
	}
	either := t.either(s)
	if s.Nullable {
		either = append(either, "null")
	}
	return strings.Join(either, " | ")
}

func (t *typescript) either(s *huma.Schema) []string {
	switch {
	case s.Ref != "":
		name := s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		t.used[name] = true
		return []string{name}
	case len(s.OneOf) > 0:
		either := make([]string, len(s.OneOf))
		for i, one := range s.OneOf {
			either[i] = t.of(one)
		}
		return either
	case len(s.Enum) > 0:
		either := make([]string, len(s.Enum))
		for i, value := range s.Enum {
			either[i] = literal(value)
		}
		return either
	case s.Type == huma.TypeArray:
		items := t.of(s.Items)
		if strings.Contains(items, " | ") {
			items = "(" + items + ")"
		}
		return []string{items + "[]"}
	case s.Type == huma.TypeInteger || s.Type == huma.TypeNumber:
		return []string{"number"}
	case s.Type == huma.TypeString || s.Type == huma.TypeBoolean:
		return []string{s.Type}
	}
	return []string{"unknown"}
}

func literal(value any) string {
	if text, ok := value.(string); ok {
		return quoted(text)
	}
	written, err := json.Marshal(value)
	if err != nil {
		panic("openapi: " + err.Error()) // impossible: the schemas are part of the program
	}
	return string(written)
}

func quoted(text string) string {
	q := strconv.Quote(text)
	return "'" + strings.ReplaceAll(q[1:len(q)-1], "'", `\'`) + "'"
}
