package rest

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

// version is the version of the host API. Changes of /v1 are compatible with its callers.
const version = "1.0"

func documentInfo() *huma.Info {
	return &huma.Info{
		Title:   "parley",
		Version: version,
		Description: "The host API, with which a company's own systems control the chat, and the HTTP requests of clients. " +
			"Changes are pushed to the sockets concerned; the operations name the pushes. " +
			"Calls under /v1 are for applications of kind server, and each operation names the scope that the application must have. " +
			"Errors are problem documents (RFC 9457): `detail` describes the problem, `errors` names the fields. " +
			"Every POST under /v1 accepts an `Idempotency-Key`. Lists come in pages: send the `next` of one page as `after` to get the following one.",
	}
}

func documentTags() []*huma.Tag {
	return []*huma.Tag{
		{Name: "applications", Description: "Programs that clients connect through, and systems that call this API."},
		{Name: "organizations", Description: "Companies and teams: their members are each other's contacts."},
		{Name: "accounts", Description: "People who can log in."},
		{Name: "friends", Description: "Contacts beyond organizations."},
		{Name: "tokens", Description: "Credentials that clients log in with."},
		{Name: "groups", Description: "Long-lived groups and ad-hoc discussions."},
		{Name: "members", Description: "Members of groups and their roles."},
		{Name: "messages", Description: "Messages in the name of an account or of the system."},
		{Name: "notifications", Description: "The inbox."},
		{Name: "history", Description: "Messages and chat lists for clients: arrays of rows as in the pushes, with times in the server's zone, without its name. " +
			"The bearer token is an account's access token."},
		{Name: clientTag, Description: "Requests of clients for the account that is signed in, besides the socket. The web client uses exactly these. " +
			"The bearer token is the account's access token. Lists come in pages: send the `next` of one page as `next` to get the following one. Times are Unix milliseconds."},
	}
}

func documentComponents() *huma.Components {
	return &huma.Components{
		Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
		SecuritySchemes: map[string]*huma.SecurityScheme{
			"basic":       {Type: "http", Scheme: "basic", Description: "The key of an application of kind server as the user, its secret as the password. Each operation lists the scopes that the application must have"},
			"appKey":      {Type: "apiKey", In: "header", Name: "X-Parley-App", Description: "The key of an application of kind server; send it together with the secret"},
			"appSecret":   {Type: "apiKey", In: "header", Name: "X-Parley-Secret", Description: "The application's secret; send it together with the key"},
			"serverToken": {Type: "http", Scheme: "bearer", Description: "A token that is bound to an application of kind server"},
			"accessToken": {Type: "http", Scheme: "bearer", Description: "An account's access token; the scheme md_pss_id is also accepted"},
		},
	}
}

// schemaName names a schema after its type.
func schemaName(t reflect.Type, hint string) string {
	switch t {
	case reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[*huma.ErrorModel]():
		return "Problem"
	case reflect.TypeFor[huma.ErrorDetail](), reflect.TypeFor[*huma.ErrorDetail]():
		return "ProblemField"
	}
	return huma.DefaultSchemaNamer(t, hint)
}

// serveDocument serves the document for programs and for people. Each form is rendered
// once, at its first request, so that it costs the start neither time nor memory.
func (a *api) serveDocument() {
	doc := a.huma.OpenAPI()
	rendered := func(render func() ([]byte, error)) func() []byte {
		return sync.OnceValue(func() []byte {
			body, err := render()
			if err != nil {
				panic("rest: " + err.Error()) // impossible: the operations are part of this package
			}
			return body
		})
	}
	for path, file := range map[string]struct {
		kind string
		body func() []byte
	}{
		"/openapi.json": {"application/openapi+json", rendered(func() ([]byte, error) { return json.Marshal(doc) })},
		"/openapi.yaml": {"application/openapi+yaml", rendered(doc.YAML)},
		"/docs":         {"text/html; charset=utf-8", rendered(func() ([]byte, error) { return renderDocs(doc) })},
	} {
		a.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			h := w.Header()
			h.Set("Content-Type", file.kind)
			h.Set("Cache-Control", "no-cache")
			h.Set("Content-Security-Policy", docsPolicy)
			h.Set("X-Frame-Options", "DENY")
			_, _ = w.Write(file.body()) // the reader has closed the connection
		})
	}
}

//go:embed docs.html
var docsHTML string

//go:embed docs.css
var docsCSS string

// docsPolicy allows the page its own style sheet and nothing else: no script, no
// picture, no other source.
var docsPolicy = func() string {
	sum := sha256.Sum256([]byte(docsCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

var docsTemplate = template.Must(template.New("docs").Funcs(template.FuncMap{"prose": prose}).Parse(docsHTML))

// docsPage has the values of the template.
type docsPage struct {
	Title, Version, About string
	Style                 template.CSS
	Schemes               []docsScheme
	Sections              []docsSection
	Schemas               []docsSchema
}

type docsScheme struct{ Name, How, About string }

type docsSection struct {
	Name, About string
	Operations  []docsOperation
}

type docsOperation struct {
	ID, Method, Path, Summary, About string
	Credentials                      string
	Parameters                       []docsField
	Body                             []docsField
	BodySchema                       string
	Curl                             string
	Answers                          []docsAnswer
}

type docsAnswer struct {
	Status, About, Schema, Example string
	List                           bool
}

type docsSchema struct {
	Name   string
	Fields []docsField
}

type docsField struct {
	Name, In, Type, About string
	Link                  string // the schema that the type is
	Required              bool
}

func renderDocs(doc *huma.OpenAPI) ([]byte, error) {
	r := docsRenderer{registry: doc.Components.Schemas}
	page := docsPage{
		Title: doc.Info.Title, Version: doc.Info.Version, About: doc.Info.Description,
		Style: template.CSS(docsCSS),
	}
	for _, name := range sortedKeys(doc.Components.SecuritySchemes) {
		s := doc.Components.SecuritySchemes[name]
		how := "HTTP " + s.Scheme
		if s.Type == "apiKey" {
			how = "header " + s.Name
		}
		page.Schemes = append(page.Schemes, docsScheme{Name: name, How: how, About: s.Description})
	}
	for _, tag := range doc.Tags {
		page.Sections = append(page.Sections, docsSection{
			Name: tag.Name, About: tag.Description, Operations: r.operations(doc, tag.Name),
		})
	}
	for _, name := range sortedKeys(r.registry.Map()) {
		page.Schemas = append(page.Schemas, docsSchema{Name: name, Fields: r.fields(r.registry.Map()[name])})
	}
	var out bytes.Buffer
	err := docsTemplate.Execute(&out, page)
	return out.Bytes(), err
}

type docsRenderer struct{ registry huma.Registry }

func (r docsRenderer) operations(doc *huma.OpenAPI, tag string) []docsOperation {
	var out []docsOperation
	for _, op := range allOperations(doc) {
		if slices.Contains(op.Tags, tag) {
			out = append(out, r.operation(op))
		}
	}
	return out
}

// allOperations lists the operations by path, and those of one path in the order create,
// read, change, delete.
func allOperations(doc *huma.OpenAPI) []*huma.Operation {
	var out []*huma.Operation
	for _, path := range sortedKeys(doc.Paths) {
		item := doc.Paths[path]
		for _, op := range []*huma.Operation{item.Post, item.Get, item.Patch, item.Put, item.Delete} {
			if op != nil {
				out = append(out, op)
			}
		}
	}
	return out
}

func (r docsRenderer) operation(op *huma.Operation) docsOperation {
	out := docsOperation{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, About: op.Description}
	var ways []string
	for _, need := range op.Security {
		ways = append(ways, strings.Join(sortedKeys(need), " and "))
	}
	out.Credentials = strings.Join(ways, ", or ")
	for _, p := range op.Parameters {
		f := r.field(p.Name, p.Schema, p.Required)
		f.In, f.About = p.In, cmp.Or(p.Description, f.About)
		out.Parameters = append(out.Parameters, f)
	}
	var example string
	if op.RequestBody != nil {
		schema := op.RequestBody.Content["application/json"].Schema
		out.BodySchema = refName(schema)
		out.Body = r.fields(r.resolve(schema))
		example = r.exampleJSON(schema)
	}
	out.Curl = curl(op, example)
	for _, status := range sortedKeys(op.Responses) {
		response := op.Responses[status]
		answer := docsAnswer{Status: status, About: response.Description}
		for _, content := range sortedKeys(response.Content) {
			schema := response.Content[content].Schema
			if schema.Type == huma.TypeArray {
				answer.List = true
				answer.Schema = refName(schema.Items)
			} else {
				answer.Schema = refName(schema)
			}
			if status < "300" {
				answer.Example = r.exampleJSON(schema)
			}
		}
		out.Answers = append(out.Answers, answer)
	}
	return out
}

func (r docsRenderer) resolve(s *huma.Schema) *huma.Schema {
	for s != nil && s.Ref != "" {
		s = r.registry.SchemaFromRef(s.Ref)
	}
	return s
}

func (r docsRenderer) fields(s *huma.Schema) []docsField {
	if s == nil {
		return nil
	}
	var out []docsField
	for _, name := range sortedKeys(s.Properties) {
		out = append(out, r.field(name, s.Properties[name], slices.Contains(s.Required, name)))
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Required && !out[j].Required })
	return out
}

func (r docsRenderer) field(name string, s *huma.Schema, required bool) docsField {
	f := docsField{Name: name, Required: required, About: s.Description}
	of := s
	if s.Type == huma.TypeArray {
		f.Type, of = "list of ", s.Items
	}
	f.Link = refName(of)
	if f.Link != "" {
		return f
	}
	f.Type += typeName(of)
	for _, limit := range []string{of.PatternDescription, limits("length", of.MinLength, of.MaxLength), limits("items", s.MinItems, s.MaxItems), bounds(of)} {
		if limit != "" {
			f.Type += ", " + limit
		}
	}
	if of.Default != nil {
		f.Type += fmt.Sprintf(", default %v", of.Default)
	}
	return f
}

func typeName(s *huma.Schema) string {
	if len(s.Enum) > 0 {
		var values []string
		for _, v := range s.Enum {
			values = append(values, fmt.Sprint(v))
		}
		return "one of " + strings.Join(values, ", ")
	}
	name := cmp.Or(s.Type, "any JSON")
	if s.Format != "" && s.Type == huma.TypeString {
		name += " (" + s.Format + ")"
	}
	return name
}

func limits(what string, least, most *int) string {
	switch {
	case least != nil && most != nil:
		return fmt.Sprintf("%s %d to %d", what, *least, *most)
	case most != nil:
		return fmt.Sprintf("%s at most %d", what, *most)
	case least != nil:
		return fmt.Sprintf("%s at least %d", what, *least)
	}
	return ""
}

func bounds(s *huma.Schema) string {
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	switch {
	case s.Minimum != nil && s.Maximum != nil:
		return number(*s.Minimum) + " to " + number(*s.Maximum)
	case s.Minimum != nil:
		return "at least " + number(*s.Minimum)
	case s.Maximum != nil:
		return "at most " + number(*s.Maximum)
	}
	return ""
}

func refName(s *huma.Schema) string {
	if s == nil {
		return ""
	}
	return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
}

func (r docsRenderer) exampleJSON(s *huma.Schema) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if enc.Encode(r.example(s, 0)) != nil {
		return ""
	}
	return strings.TrimSpace(out.String())
}

// example returns a value that is valid for the schema.
func (r docsRenderer) example(s *huma.Schema, depth int) any {
	s = r.resolve(s)
	switch {
	case s == nil || depth > 6:
		return nil
	case len(s.Examples) > 0:
		return s.Examples[0]
	case s.Default != nil:
		return s.Default
	case len(s.Enum) > 0:
		return s.Enum[0]
	}
	switch s.Type {
	case huma.TypeObject:
		out := map[string]any{}
		for name, p := range s.Properties {
			// Optional fields without an example are omitted.
			if slices.Contains(s.Required, name) || len(r.resolve(p).Examples) > 0 {
				out[name] = r.example(p, depth+1)
			}
		}
		return out
	case huma.TypeArray:
		return []any{r.example(s.Items, depth+1)}
	case huma.TypeInteger, huma.TypeNumber:
		return 1
	case huma.TypeBoolean:
		return true
	case huma.TypeString:
		if s.Format == "date-time" {
			return "2026-01-31T08:00:00Z"
		}
		return "…"
	}
	return map[string]any{}
}

func curl(op *huma.Operation, body string) string {
	auth := `-u "$APP_KEY:$APP_SECRET"`
	if isHistory(op) {
		auth = `-H "Authorization: Bearer $TOKEN" -H "App: $APP"`
	}
	if isClient(op) {
		auth = `-H "Authorization: Bearer $TOKEN"`
		if len(op.Security) == 0 {
			auth = "-sS"
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "curl %s", auth)
	if op.Method != http.MethodGet {
		fmt.Fprintf(&b, " -X %s", op.Method)
	}
	fmt.Fprintf(&b, ` "$PARLEY%s"`, exampleAddress(op))
	if body != "" {
		fmt.Fprintf(&b, " \\\n  -H 'Content-Type: application/json' -d '%s'", strings.ReplaceAll(body, "'", `'\''`))
	}
	return b.String()
}

// exampleAddress is the path with the required parameters as variables of the shell: $GROUP
// for {group} and for groupid.
func exampleAddress(op *huma.Operation) string {
	path, query := op.Path, ""
	for _, p := range op.Parameters {
		name := strings.TrimSuffix(p.Name, "id")
		if name == "msg" {
			name = "message"
		}
		value := "$" + strings.ToUpper(name)
		if len(p.Schema.Enum) > 0 {
			value = fmt.Sprint(p.Schema.Enum[0])
		}
		switch {
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", value)
		case p.In == "query" && p.Required:
			query += "&" + p.Name + "=" + value
		}
	}
	if query != "" {
		query = "?" + query[1:]
	}
	return path + query
}

// prose shows `marked` words as code.
func prose(text string) template.HTML {
	var b strings.Builder
	for i, part := range strings.Split(text, "`") {
		escaped := template.HTMLEscapeString(part)
		if i%2 == 1 {
			escaped = "<code>" + escaped + "</code>"
		}
		b.WriteString(escaped)
	}
	return template.HTML(b.String())
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
