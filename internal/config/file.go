package config

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// file is a configuration file that has been read and checked, option by option.
type file struct {
	path    string
	entries map[string]entry
}

type entry struct {
	value string // as on the command line, with commas between the entries of a list
	line  int
}

func open(path string) (*file, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return parse(path, text)
}

func parse(path string, text []byte) (*file, error) {
	f := &file{path: path, entries: map[string]entry{}}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("%s: %s", path, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(document.Content) == 0 {
		return f, nil
	}
	known, err := newModel()
	if err != nil {
		return nil, err
	}
	if err := f.read(known, "", document.Content[0]); err != nil {
		return nil, err
	}
	return f, nil
}

// read reads a mapping; prefix is its position, "" or "socket.".
func (f *file) read(known *model, prefix string, n *yaml.Node) error {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return nil // an empty section
	}
	if n.Kind != yaml.MappingNode {
		return f.errorf(n, "expected options, each with a value, but got %s", kindName(n))
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name := prefix + key.Value
		if known.sections[name] {
			if err := f.read(known, name+".", value); err != nil {
				return err
			}
			continue
		}
		if !known.options[name] {
			return f.unknown(known, key, name)
		}
		if old, ok := f.entries[name]; ok {
			return f.errorf(key, "%s is set twice, first in line %d", name, old.line)
		}
		text, err := f.text(known, name, value)
		if err != nil {
			return err
		}
		if err := known.check(name, text); err != nil {
			return f.errorf(value, "%s", err)
		}
		f.entries[name] = entry{text, key.Line}
	}
	return nil
}

// text returns the value of an option as it is on the command line.
func (f *file) text(known *model, name string, n *yaml.Node) (string, error) {
	if !known.lists[name] {
		return f.scalar(name, n)
	}
	if _, at, err := readProviders(n); err != nil {
		return "", f.errorf(at, "%s: %s", name, err)
	}
	text, err := yaml.Marshal(n)
	return string(text), err
}

func (f *file) scalar(name string, n *yaml.Node) (string, error) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			return "", nil
		}
		return n.Value, nil
	case yaml.SequenceNode:
		parts := make([]string, len(n.Content))
		for i, item := range n.Content {
			if item.Kind != yaml.ScalarNode {
				return "", f.errorf(item, "%s: expected a list of plain values but got %s in it", name, kindName(item))
			}
			parts[i] = item.Value
		}
		return kong.JoinEscaped(parts, ','), nil
	default:
		return "", f.errorf(n, "%s: expected a value but got %s", name, kindName(n))
	}
}

func (f *file) unknown(known *model, key *yaml.Node, name string) error {
	if near := known.nearest(name); near != "" {
		return f.errorf(key, "unknown option %q, did you mean %q?", name, near)
	}
	return f.errorf(key, "unknown option %q", name)
}

func (f *file) errorf(at *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", f.path, at.Line, fmt.Sprintf(format, args...))
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a section"
	case yaml.SequenceNode:
		return "a list"
	default:
		return fmt.Sprintf("%q", n.Value)
	}
}

// model describes the existing options.
type model struct {
	parser   *kong.Kong
	options  map[string]bool
	secrets  map[string]bool // of the options
	lists    map[string]bool // of the options: lists of sections
	sections map[string]bool
}

func newModel() (*model, error) {
	parser, err := kong.New(&struct {
		Options `embed:""`
	}{}, kong.Name("parley"), kong.NoDefaultHelp())
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	m := &model{parser: parser, options: map[string]bool{}, secrets: map[string]bool{}, lists: map[string]bool{}, sections: map[string]bool{}}
	for _, flag := range parser.Model.Flags {
		m.options[flag.Name] = true
		switch flag.Target.Interface().(type) {
		case Secret, Database, Bus: // the last two may have a password in them
			m.secrets[flag.Name] = true
		case Providers:
			m.secrets[flag.Name], m.lists[flag.Name] = true, true
		}
		for section, _, ok := cutLast(flag.Name); ok; section, _, ok = cutLast(section) {
			m.sections[section] = true
		}
	}
	return m, nil
}

// Options is [Config] without its method Validate: each value of the file is first checked
// without the others.
type Options Config

// check reports what is wrong with a single value, with the error that a flag would have.
func (m *model) check(name, value string) error {
	if m.secrets[name] {
		return nil // every text is valid
	}
	_, err := m.parser.Parse([]string{"--" + name + "=" + value})
	var parse *kong.ParseError
	if errors.As(err, &parse) {
		return errors.New(strings.TrimPrefix(parse.Error(), "--"))
	}
	return err
}

// nearest returns the option or section with the most similar name, "" if none is similar.
func (m *model) nearest(name string) string {
	best, least := "", len(name)/3+2
	try := func(candidate string, d int) {
		if d < least || d == least && best != "" && candidate < best {
			best, least = candidate, d
		}
	}
	_, last, _ := cutLast(name)
	for _, set := range []map[string]bool{m.options, m.sections} {
		for candidate := range set {
			try(candidate, distance(name, candidate))
			// The option exists in another section, or without a section.
			if _, leaf, _ := cutLast(candidate); leaf != candidate || last != name {
				try(candidate, distance(last, leaf)+1)
			}
		}
	}
	return best
}

func cutLast(name string) (section, leaf string, found bool) {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[:i], name[i+1:], true
	}
	return "", name, false
}

// distance counts the edits (insert, remove, replace) between two names; - and _ are the same.
func distance(a, b string) int {
	a, b = strings.ToLower(strings.ReplaceAll(a, "_", "-")), strings.ToLower(strings.ReplaceAll(b, "_", "-"))
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
