package wiredoc

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"parley/internal/chat"
	"parley/internal/wire"
)

// version is the version of the contract. It increases when clients see a change.
const version = "1.0.0"

const about = `Socket.IO events between clients and the server: an event is a name and one object. This document has the
schemas. docs/protocol explains the events, with examples that tests play.

The server receives requests and sends pushes. The payload of a request or push is the event's one argument. A reply is the
acknowledgement that the client may ask for; its payload is the list of the acknowledgement's arguments: [false, result] if the request was
carried out, [{error}] if it was refused. An application registered with send_ack: result-first gets [result] for the two send requests.

The server accepts a number as a string and a flag as 1 or "true". null counts as absent, an absent payload as {}, and unknown
fields are ignored.
`

const connecting = `The default namespace of Socket.IO, on Engine.IO 3 and 4, over WebSocket or polling. A connection is refused with an error
packet of Socket.IO whose text is one of LoginRefusal.`

// AsyncAPI returns the description of the contract in AsyncAPI 3.0, as YAML.
func AsyncAPI() ([]byte, error) {
	c := read()
	messages, inChannel, operations := object(), object(), object()
	add := func(kind, name, doc string, payload *yaml.Node) *yaml.Node {
		key := kind + "." + slug(name)
		put(messages, key, object("name", text(name), "summary", text(doc), "payload", payload))
		put(inChannel, key, ref("components/messages/"+key))
		return ref("channels/events/messages/" + key)
	}
	for _, r := range wire.Requests {
		request := add("request", r.Name, r.Doc, c.schema(reflect.TypeOf(r.Payload)))
		result := add("result", r.Name, "The request was carried out.", tuple(object("const", scalar(false)), c.result(&r)))
		refusal := add("refusal", r.Name, "The request was refused, and nothing was changed.", tuple(c.refusal(&r)))
		put(operations, "request."+slug(r.Name), object(
			"action", text("receive"), "channel", ref("channels/events"), "title", text(r.Name), "summary", text(r.Doc), "messages", list(request),
			"reply", object("channel", ref("channels/events"), "messages", list(result, refusal)),
		))
	}
	for _, p := range wire.Pushes {
		doc := p.Doc
		if p.WebOnly {
			doc += " Only to applications of kind web."
		}
		push := add("push", p.Name, doc, c.schema(reflect.TypeOf(p.Payload)))
		put(operations, "push."+slug(p.Name), object(
			"action", text("send"), "channel", ref("channels/events"), "title", text(p.Name), "summary", text(doc), "messages", list(push),
		))
	}
	doc := object(
		"asyncapi", text("3.0.0"),
		"info", object(
			"title", text("parley"), "version", text(version), "description", text(about),
			"license", object("name", text("Apache-2.0"), "url", text("https://www.apache.org/licenses/LICENSE-2.0")),
		),
		"defaultContentType", text("application/json"),
		"servers", object("local", object(
			"host", text("127.0.0.1:8080"), "pathname", text("/socket.io/"), "protocol", text("ws"),
			"description", text("A server as it starts without options."),
			"security", list(ref("components/securitySchemes/token"), ref("components/securitySchemes/bearer")),
		)),
		"channels", object("events", object(
			"address", text("/"), "title", text("The default namespace"), "description", text(connecting), "messages", inChannel,
			"bindings", object("ws", object("method", text("GET"), "query", object(
				"type", text("object"),
				"properties", object(
					"EIO", object("type", text("string"), "enum", texts("3", "4"), "description", text("version of Engine.IO")),
					"transport", object("type", text("string"), "enum", texts("websocket", "polling")),
					"token", object("type", text("string"), "description", text("access token of the account")),
					"app", object("type", text("string"), "description", text("key of the application")),
				),
				"required", texts("EIO", "transport"),
			))),
		)),
		"operations", operations,
		"components", object(
			"securitySchemes", object(
				"token", object("type", text("httpApiKey"), "in", text("query"), "name", text("token"), "description", text("Access token of an account; app beside it is the application's key.")),
				"bearer", object("type", text("http"), "scheme", text("bearer")),
			),
			"messages", messages,
			"schemas", c.schemas(),
		),
	)
	var out bytes.Buffer
	out.WriteString("# Made from internal/wire by go generate. Do not edit.\n")
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("wiredoc: %w", err)
	}
	return out.Bytes(), enc.Close()
}

// schemas returns the schemas of the types in messages of the sockets, by name.
func (c *contract) schemas() *yaml.Node {
	out := object()
	add := func(name string, schema *yaml.Node) { put(out, name, schema) }
	for _, t := range c.onSockets() {
		properties, always := object(), []string{}
		for _, f := range c.fields(t) {
			put(properties, f.name, c.property(f))
			if f.always {
				always = append(always, f.name)
			}
		}
		schema := object("type", text("object"))
		if len(properties.Content) > 0 {
			put(schema, "properties", properties)
		}
		if len(always) > 0 {
			put(schema, "required", texts(always...))
		}
		add(t.Name(), schema)
	}
	add("LoginRefusal", object("type", text("string"), "enum", texts(names(wire.LoginRefusals)...)))
	return out
}

// onSockets returns the types that have their own schema, in alphabetical order: all types
// in messages, at any depth.
func (c *contract) onSockets() []reflect.Type {
	seen := map[reflect.Type]bool{}
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		t = element(t)
		if t.Kind() != reflect.Struct || opaque(t) || seen[t] {
			return
		}
		seen[t] = true
		for _, f := range c.fields(t) {
			for _, name := range f.shapes {
				if s, ok := c.shaped(name); ok {
					visit(s)
				}
			}
			if f.shapes == nil {
				visit(f.typ)
			}
		}
	}
	for _, r := range wire.Requests {
		visit(reflect.TypeOf(r.Payload))
		visit(reflect.TypeOf(r.Result))
	}
	for _, p := range wire.Pushes {
		visit(reflect.TypeOf(p.Payload))
	}
	var out []reflect.Type
	for t := range seen {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b reflect.Type) int { return strings.Compare(a.Name(), b.Name()) })
	return out
}

func (c *contract) property(f field) *yaml.Node {
	if f.shapes == nil {
		s := c.schema(f.typ)
		if f.max > 0 && f.typ.Kind() == reflect.String {
			// A limit of bytes is also a limit of characters, of which there are never more.
			put(s, "maxLength", scalar(f.max))
		}
		return described(s, f.doc)
	}
	var either []*yaml.Node
	for _, name := range f.shapes {
		if t, ok := c.shaped(name); ok {
			either = append(either, c.schema(t))
		} else {
			either = append(either, object("type", text(name)))
		}
	}
	if len(either) == 1 {
		return described(either[0], f.doc)
	}
	return described(object("anyOf", list(either...)), f.doc)
}

// described adds a description to a schema. Properties beside $ref are ignored, so a
// reference is wrapped.
func described(s *yaml.Node, doc string) *yaml.Node {
	if s.Content[0].Value == "$ref" {
		s = object("allOf", list(s))
	}
	put(s, "description", text(doc))
	return s
}

func (c *contract) schema(t reflect.Type) *yaml.Node {
	switch {
	case t.Kind() == reflect.Pointer:
		return c.schema(t.Elem())
	case t == accountsType:
		ids := object("type", text("array"), "items", object("type", text("string"), "maxLength", scalar(wire.MaxID)), "maxItems", scalar(wire.MaxNamed))
		return object("anyOf", list(ids, object("const", text(string(chat.Everyone)))))
	case t == messageIDType:
		return object("type", text("string"), "pattern", text("^[1-9][0-9]{0,15}$"))
	case t == categoryType:
		categories := object("type", text("string"))
		var enum []string
		for _, info := range chat.Categories {
			enum = append(enum, string(info.Category))
		}
		put(categories, "enum", texts(enum...))
		return categories
	case t == sessionType:
		return object("type", text("integer"), "enum", list(numbers(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100)...))
	case t.Kind() == reflect.Slice:
		return object("type", text("array"), "items", c.schema(t.Elem()))
	case t.Kind() == reflect.Struct && !opaque(t):
		return ref("components/schemas/" + t.Name())
	case t.Kind() == reflect.Map:
		return object("type", text("object"), "additionalProperties", c.schema(t.Elem()))
	}
	return object("type", text(word(t)))
}

// result is the second argument of an acknowledgement.
func (c *contract) result(r *wire.Request) *yaml.Node {
	if reflect.TypeOf(r.Result) != numberType {
		return c.schema(reflect.TypeOf(r.Result))
	}
	if r.Name == wire.EventCurrentChat {
		return object("enum", list(numbers(0, 1)...))
	}
	return object("const", scalar(1))
}

// refusal is the only argument of the acknowledgement of a refused request.
func (c *contract) refusal(r *wire.Request) *yaml.Node {
	var enum []string
	for _, e := range slices.Concat(r.Refusals, wire.CommonRefusals, []chat.Error{r.Fault}) {
		enum = append(enum, e.Error())
	}
	return object("type", text("object"), "required", texts("error"), "properties", object(
		"error", object("type", text("string"), "anyOf", list(
			object("enum", texts(enum...)),
			object("pattern", text("^invalid payload: ")),
		)),
	))
}

func names(of []wire.Text) []string {
	var out []string
	for _, t := range of {
		out = append(out, t.Error.Error())
	}
	return out
}

func slug(name string) string { return strings.ReplaceAll(name, " ", "-") }
