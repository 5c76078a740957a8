package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// Source is where the value of an option comes from.
type Source string

// The sources. An option that has its default has none of the others.
const (
	SourceDefault     Source = "default"
	SourceFile        Source = "file"
	SourceEnvironment Source = "environment"
	SourceFlag        Source = "flag"
)

// OptionType is the form of the values of an option.
type OptionType string

// The types. Every value is a text, as in the configuration file.
const (
	TypeText     OptionType = "text"
	TypeChoice   OptionType = "choice" // one of Choices
	TypeSwitch   OptionType = "switch" // true or false
	TypeNumber   OptionType = "number"
	TypeDecimal  OptionType = "decimal"
	TypeSize     OptionType = "size"     // like 64KiB
	TypeDuration OptionType = "duration" // like 90s
	TypeList     OptionType = "list"     // separated by commas
)

// Option describes an option and has its value.
type Option struct {
	Name    string
	Group   string // title of its section in docs/config.md
	Help    string
	Type    OptionType
	Unit    string   // of a number: characters, accounts, …; may be empty
	Choices []string // of a choice, and of a list with known entries
	Least   string   // smallest value; empty: none
	Most    string   // largest value; empty: none
	Default string
	Value   string // empty for a secret
	Source  Source
	Live    bool // can be changed while the server runs
	Secret  bool
}

// OptionError is a value that is invalid, alone or together with others.
type OptionError struct {
	Option, Reason string
	Code           string            // of the reason, for programs; empty: it has none. Package chat has the codes of settings
	Params         map[string]string // of the reason
}

// as adds the code and the parameters, which are names and values.
func (e *OptionError) as(code string, params ...string) *OptionError {
	e.Code = code
	for i := 0; i < len(params); i += 2 {
		if e.Params == nil {
			e.Params = map[string]string{}
		}
		e.Params[params[i]] = params[i+1]
	}
	return e
}

// Error returns "<option>: <reason>".
func (e *OptionError) Error() string { return e.Option + ": " + e.Reason }

// Options returns all options in the order of the documentation.
func (c *Config) Options() ([]Option, error) {
	c = new(*c)
	all, err := flags(c)
	if err != nil {
		return nil, err
	}
	least, most := c.bounds()
	options := make([]Option, 0, len(all))
	for _, flag := range all {
		o := Option{
			Name: flag.Name, Group: flag.Group.Title, Help: flag.Help, Type: typeOf(flag), Unit: flag.Tag.Get("unit"),
			Least: least[flag.Name], Most: most[flag.Name],
			Default: flag.Default, Value: text(flag.Target), Source: c.SourceOf(flag.Name), Live: flag.Tag.Has("live"),
		}
		if flag.Enum != "" {
			o.Choices = strings.Split(flag.Enum, ",")
		}
		if o.Name == "auth.hidden" {
			o.Choices = c.signInWays()
		}
		if value, err := parse1(flag, flag.Default); err == nil {
			o.Default = text(value)
		}
		if _, o.Secret = flag.Target.Interface().(Secret); o.Secret {
			o.Value = ""
		}
		options = append(options, o)
	}
	return options, nil
}

// With returns a copy of a valid configuration with other values of some options. It checks them as
// [Config.Validate] does, alone and together, and with the narrower ranges of settings. Each error is an [OptionError].
func (c *Config) With(values map[string]string) (Config, []*OptionError) {
	changed := *c
	all, err := flags(&changed)
	if err != nil {
		return *c, []*OptionError{{Reason: err.Error()}}
	}
	var wrong []*OptionError
	within := c.liveBounds()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		i := slices.IndexFunc(all, func(f *kong.Flag) bool { return f.Name == name })
		if i < 0 {
			wrong = append(wrong, (&OptionError{Option: name, Reason: "is no option"}).as("unknown"))
			continue
		}
		value, err := parse1(all[i], values[name])
		if err != nil {
			wrong = append(wrong, (&OptionError{Option: name, Reason: err.Error()}).as("form"))
			continue
		}
		if b, ok := within[name]; ok {
			if e := b.outside(all[i], value); e != nil {
				wrong = append(wrong, e)
				continue
			}
		}
		all[i].Target.Set(value)
	}
	changed.check(reportTo(&wrong))
	return changed, wrong
}

// Texts returns the values of all options but secrets, in their usual form: 1048576 bytes are 1MiB.
func (c *Config) Texts() map[string]string {
	all, err := flags(new(*c))
	if err != nil {
		return nil
	}
	texts := make(map[string]string, len(all))
	for _, flag := range all {
		if _, secret := flag.Target.Interface().(Secret); !secret {
			texts[flag.Name] = text(flag.Target)
		}
	}
	return texts
}

// parse1 reads a value of an option from its text.
func parse1(flag *kong.Flag, value string) (reflect.Value, error) {
	target := reflect.New(flag.Target.Type()).Elem()
	if err := flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: kong.ScanFromTokens(kong.Token{Value: value, Type: kong.FlagValueToken})}, target); err != nil {
		return target, err
	}
	if flag.Enum != "" && !slices.Contains(strings.Split(flag.Enum, ","), value) {
		return target, fmt.Errorf("must be one of %s", strings.ReplaceAll(flag.Enum, ",", ", "))
	}
	return target, nil
}

func typeOf(flag *kong.Flag) OptionType {
	switch flag.Target.Interface().(type) {
	case time.Duration:
		return TypeDuration
	case Bytes, AutoBytes:
		return TypeSize
	}
	switch flag.Target.Kind() {
	case reflect.Bool:
		return TypeSwitch
	case reflect.Int, reflect.Int64:
		return TypeNumber
	case reflect.Float64:
		return TypeDecimal
	case reflect.Slice:
		return TypeList
	}
	if flag.Enum != "" {
		return TypeChoice
	}
	return TypeText
}

// text returns a value as it is written in the configuration file.
func text(value reflect.Value) string {
	switch v := value.Interface().(type) {
	case time.Duration:
		return durationText(v)
	case fmt.Stringer:
		return v.String()
	case Providers: // only which there are
		ids := make([]string, len(v))
		for i, p := range v {
			ids[i] = p.ID
		}
		return strings.Join(ids, ",")
	case []string:
		return kong.JoinEscaped(v, ',')
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// durationText leaves out the parts that are zero: 5m instead of 5m0s.
func durationText(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
