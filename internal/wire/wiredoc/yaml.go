package wiredoc

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The document is built from nodes, because a map would lose the order of its keys.

// object returns a mapping of alternating keys and values.
func object(members ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i < len(members); i += 2 {
		put(n, members[i].(string), members[i+1].(*yaml.Node))
	}
	return n
}

func put(n *yaml.Node, key string, value *yaml.Node) {
	n.Content = append(n.Content, text(key), value)
}

func list(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Content: items}
}

func texts(items ...string) *yaml.Node {
	n := list()
	n.Style = yaml.FlowStyle
	for _, s := range items {
		n.Content = append(n.Content, text(s))
	}
	return n
}

func numbers(of ...int) []*yaml.Node {
	var out []*yaml.Node
	for _, n := range of {
		out = append(out, scalar(n))
	}
	return out
}

func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	if strings.Contains(s, "\n") {
		n.Style = yaml.LiteralStyle
	}
	return n
}

// scalar returns a number, true or false.
func scalar(v any) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(v)}
}

func ref(to string) *yaml.Node { return object("$ref", text("#/"+to)) }

// tuple returns the schema of a list with exactly these elements.
func tuple(items ...*yaml.Node) *yaml.Node {
	return object(
		"type", text("array"), "items", list(items...), "additionalItems", scalar(false),
		"minItems", scalar(len(items)), "maxItems", scalar(len(items)),
	)
}
