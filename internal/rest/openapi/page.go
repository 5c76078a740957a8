package openapi

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
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Curl is the key in the metadata of an operation of the options with which curl sends the
// credentials: a text.
const Curl = "curl"

//go:embed page.html
var docsHTML string

//go:embed page.css
var docsCSS string

// Policy is the Content-Security-Policy of the page. It allows its own style sheet and nothing else: no script, no
// picture, no other source.
var Policy = func() string {
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

// Page returns the document as a page for people.
func Page(doc *huma.OpenAPI) ([]byte, error) {
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
	var b strings.Builder
	fmt.Fprintf(&b, "curl %s", op.Metadata[Curl])
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
// for {group} and for groupid. An optional parameter with an example of its own is there, too.
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
		case p.In == "query" && len(p.Schema.Examples) > 0:
			query += "&" + p.Name + "=" + fmt.Sprint(p.Schema.Examples[0])
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
