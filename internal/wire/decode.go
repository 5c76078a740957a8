package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"parley/internal/chat"
)

// Limits of a request. The transport limits its total size.
const (
	MaxDepth   = 32        // levels of nested values
	MaxID      = 128       // bytes of an id or name of an account, group, inbox or waiting message
	MaxField   = 8 << 10   // bytes of any other string, except the text of a message
	MaxOperate = 64 << 10  // bytes of the payload of "operate"
	MaxNamed   = 30_000    // accounts in one list
	MaxSafeInt = 1<<53 - 1 // the largest integer that every client can represent
)

// Decode reads the payload of a request, which is the event's first argument, into a new
// T. T is a struct whose fields have the tag json with the field's name, and optionally
// the tag rule: "required", "max=128" (bytes of a string), "notempty" (an empty string is
// refused, because it would have a wider effect, as if the field were absent).
//
// Decode accepts common deviations: null counts as absent, and an absent payload as {};
// unknown fields are skipped; a number may have quotes, a string may be a number without
// quotes, and a flag may be 1 or "true"; an empty string in place of a number counts as
// absent. Any other deviation is a [*chat.InvalidError] that names the field
// (docs/protocol/README.md). The result does not refer to data.
func Decode[T any](data []byte) (*T, error) {
	into := new(T)
	if len(data) == 0 || string(data) == "null" {
		data = []byte("{}")
	}
	if !utf8.Valid(data) {
		return nil, chat.Invalid("payload", "must be UTF-8")
	}
	d := decoder{scanner{data: data}}
	err := d.payload(into)
	switch {
	case errors.Is(err, errSyntax):
		return nil, chat.Invalid("payload", "must be JSON")
	case errors.Is(err, errDepth):
		return nil, chat.Invalid("payload", "must not be nested more than %d deep", MaxDepth)
	case err != nil:
		return nil, err
	}
	if c, ok := any(into).(checker); ok {
		if err := c.check(); err != nil {
			return nil, err
		}
	}
	return into, nil
}

// checker is a payload with rules about several fields.
type checker interface{ check() error }

// scalar is a type with its own decoding.
type scalar interface {
	decode(d *decoder, depth int) error
}

type decoder struct{ scanner }

func (d *decoder) payload(into any) error {
	k, err := d.kind()
	if err != nil {
		return err
	}
	if s, ok := into.(scalar); ok {
		if err := s.decode(d, 1); err != nil {
			return inside("payload", err)
		}
	} else {
		p := planOf(reflect.TypeOf(into).Elem())
		v := reflect.ValueOf(into).Elem()
		if k != kindObject {
			return chat.Invalid("payload", "must be an object")
		}
		if err := d.fields(p, v, 1); err != nil {
			return err
		}
	}
	if !d.end() {
		return errSyntax
	}
	return nil
}

// fields reads an object into the struct v.
func (d *decoder) fields(p *plan, v reflect.Value, depth int) error {
	var seen uint64
	err := d.object(depth, func(key []byte) error {
		i := p.index(key)
		if i < 0 {
			return d.skip(depth + 1)
		}
		k, err := d.kind()
		if err != nil {
			return err
		}
		if k == kindNull {
			return d.literal("null")
		}
		f := &p.fields[i]
		set, err := d.value(f, v.Field(f.index), k, depth+1)
		if err != nil {
			return inside(f.name, err)
		}
		if set {
			seen |= 1 << i
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.missing(seen)
}

// value reads one field. It returns false if the value counts as absent.
func (d *decoder) value(f *field, v reflect.Value, k kind, depth int) (set bool, err error) {
	if v.Kind() == reflect.Pointer {
		target := reflect.New(v.Type().Elem())
		if set, err = d.value(f, target.Elem(), k, depth); set && err == nil {
			v.Set(target)
		}
		return set, err
	}
	if f.scalar {
		return true, v.Addr().Interface().(scalar).decode(d, depth)
	}
	switch v.Kind() {
	case reflect.String:
		text, err := d.text(k)
		if err != nil {
			return false, err
		}
		if f.max > 0 && len(text) > f.max {
			return false, chat.Invalid("", "must be at most %d bytes", f.max)
		}
		v.SetString(text)
		return text != "" || !f.required, nil
	case reflect.Bool:
		b, set, err := d.flag(k)
		v.SetBool(b)
		return set, err
	case reflect.Int, reflect.Int64:
		read := d.integer
		if v.Type() == messageIDType {
			read = d.messageID
		}
		n, set, err := read(k)
		if err == nil && !set && f.notEmpty {
			err = chat.Invalid("", "must not be empty")
		}
		v.SetInt(n)
		return set, err
	case reflect.Float64:
		x, set, err := d.float(k)
		v.SetFloat(x)
		return set, err
	case reflect.Interface: // a string or a number
		text, err := d.text(k)
		if err != nil {
			return false, err
		}
		if len(text) > f.max {
			return false, chat.Invalid("", "must be at most %d bytes", f.max)
		}
		v.Set(reflect.ValueOf(text))
		return true, nil
	case reflect.Struct:
		if k != kindObject {
			return false, chat.Invalid("", "must be an object")
		}
		return true, d.fields(f.plan, v, depth)
	}
	panic("wire: cannot decode into " + v.Type().String())
}

// text reads a string, or a number as a string.
func (d *decoder) text(k kind) (string, error) {
	switch k {
	case kindString:
		return d.str()
	case kindNumber:
		n, err := d.number()
		return string(n), err
	}
	return "", chat.Invalid("", "must be a string")
}

// flag reads true or false, with or without quotes, or 1 or 0.
func (d *decoder) flag(k kind) (b, set bool, err error) {
	if k == kindBool {
		b, err = d.boolean()
		return b, true, err
	}
	if k == kindString || k == kindNumber {
		text, err := d.text(k)
		if err != nil {
			return false, false, err
		}
		switch text {
		case "":
			return false, false, nil
		case "0", "false":
			return false, true, nil
		case "1", "true":
			return true, true, nil
		}
	}
	return false, false, chat.Invalid("", "must be true or false")
}

// integer reads an integer that every client can represent, with or without quotes.
func (d *decoder) integer(k kind) (n int64, set bool, err error) {
	if k != kindString && k != kindNumber {
		return 0, false, chat.Invalid("", "must be a whole number")
	}
	text, err := d.text(k)
	if err != nil || text == "" {
		return 0, false, err
	}
	n, err = strconv.ParseInt(text, 10, 64)
	if err != nil {
		// 5.0 and 1e3 are whole numbers too.
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || x != math.Trunc(x) || math.Abs(x) > MaxSafeInt {
			return 0, false, chat.Invalid("", "must be a whole number")
		}
		n = int64(x)
	}
	if n > MaxSafeInt || n < -MaxSafeInt {
		return 0, false, chat.Invalid("", "must be a whole number below 2^53")
	}
	return n, true, nil
}

// messageID reads the id of a message, with or without quotes. It accepts only the form
// that the server writes, so that every id has one form.
func (d *decoder) messageID(k kind) (n int64, set bool, err error) {
	fault := chat.Invalid("", "must be the id of a message")
	if k != kindString && k != kindNumber {
		return 0, false, fault
	}
	text, err := d.text(k)
	if err != nil || text == "" {
		return 0, false, err
	}
	n, err = strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || n > MaxSafeInt || strconv.FormatInt(n, 10) != text {
		return 0, false, fault
	}
	return n, true, nil
}

// float reads a number, with or without quotes.
func (d *decoder) float(k kind) (x float64, set bool, err error) {
	if k != kindString && k != kindNumber {
		return 0, false, chat.Invalid("", "must be a number")
	}
	text, err := d.text(k)
	if err != nil || text == "" {
		return 0, false, err
	}
	x, err = strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, false, chat.Invalid("", "must be a number")
	}
	return x, true, nil
}

// inside adds the name of the field to an error about it or about a value in it.
func inside(name string, err error) error {
	var invalid *chat.InvalidError
	if !errors.As(err, &invalid) {
		return err
	}
	if invalid.Field == "" {
		return &chat.InvalidError{Field: name, Reason: invalid.Reason}
	}
	return &chat.InvalidError{Field: name + "." + invalid.Field, Reason: invalid.Reason}
}

// plan describes how to decode a struct. It is computed once for every type.
type plan struct {
	fields   []field
	required uint64 // a bit for each field
}

type field struct {
	name     string
	index    int
	max      int
	required bool
	notEmpty bool
	scalar   bool
	plan     *plan // of a struct
}

func (p *plan) index(key []byte) int {
	for i := range p.fields {
		if p.fields[i].name == string(key) {
			return i
		}
	}
	return -1
}

// missing returns the error for the first required field that is absent.
func (p *plan) missing(seen uint64) error {
	if p.required&^seen == 0 {
		return nil
	}
	for i := range p.fields {
		if p.fields[i].required && seen&(1<<i) == 0 {
			return chat.Invalid(p.fields[i].name, "is required")
		}
	}
	return nil
}

var (
	plans         sync.Map // reflect.Type → *plan
	scalarType    = reflect.TypeFor[scalar]()
	messageIDType = reflect.TypeFor[chat.MessageID]()
)

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p := &plan{}
	for i := range t.NumField() {
		sf := t.Field(i)
		name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		f := field{name: name, index: i, max: MaxField}
		for _, rule := range strings.Split(sf.Tag.Get("rule"), ",") {
			switch key, arg, _ := strings.Cut(rule, "="); key {
			case "":
			case "required":
				f.required = true
				p.required |= 1 << len(p.fields)
			case "notempty":
				f.notEmpty = true
			case "max":
				f.max, _ = strconv.Atoi(arg)
			default:
				panic(fmt.Sprintf("wire: %s.%s: unknown rule %q", t, sf.Name, key))
			}
		}
		elem := sf.Type
		if elem.Kind() == reflect.Pointer {
			elem = elem.Elem()
		}
		f.scalar = reflect.PointerTo(elem).Implements(scalarType)
		if elem.Kind() == reflect.Struct && !f.scalar {
			f.plan = planOf(elem)
		}
		p.fields = append(p.fields, f)
	}
	if len(p.fields) > 64 {
		panic("wire: too many fields in " + t.String())
	}
	plans.Store(t, p)
	return p
}

// compact encodes a value without escaping <, > and &, so that texts are unchanged.
func compact(v any) json.RawMessage {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		// Only structs of this package and strings come here, and those always encode.
		panic("wire: " + err.Error())
	}
	return json.RawMessage(strings.TrimSuffix(b.String(), "\n"))
}
