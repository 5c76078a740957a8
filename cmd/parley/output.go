package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// format is the flag of the commands that print what programs want to read.
type format struct {
	JSON bool `name:"json" help:"Print JSON, one object per line, instead of text."`
}

// fields prints names and values, a pair a line, or as one object.
func (f format) fields(w io.Writer, pairs ...any) error {
	if f.JSON {
		return object(w, pairs)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i := 0; i+1 < len(pairs); i += 2 {
		fmt.Fprintf(t, "%v\t%v\n", pairs[i], pairs[i+1])
	}
	return t.Flush()
}

// table prints rows under a heading, in columns, or each as an object.
type table struct {
	out     io.Writer
	columns *tabwriter.Writer // nil: objects
	heading []any
}

func (f format) table(w io.Writer, heading ...any) *table {
	t := &table{out: w, heading: heading}
	if f.JSON {
		return t
	}
	t.columns = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	titles := make([]any, len(heading))
	for i, name := range heading {
		titles[i] = strings.ToUpper(fmt.Sprint(name))
	}
	t.line(titles)
	return t
}

func (t *table) row(cells ...any) error {
	if t.columns != nil {
		t.line(cells)
		return nil
	}
	pairs := make([]any, 0, 2*len(cells))
	for i, cell := range cells {
		pairs = append(pairs, t.heading[i], cell)
	}
	return object(t.out, pairs)
}

func (t *table) line(cells []any) {
	for i, cell := range cells {
		if i > 0 {
			fmt.Fprint(t.columns, "\t")
		}
		fmt.Fprint(t.columns, cell)
	}
	fmt.Fprintln(t.columns)
}

func (t *table) flush() error {
	if t.columns == nil {
		return nil
	}
	return t.columns.Flush()
}

// object prints pairs of names and values as one line of JSON, in their order.
func object(w io.Writer, pairs []any) error {
	line := []byte{'{'}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, err := json.Marshal(fmt.Sprint(pairs[i]))
		if err != nil {
			return err
		}
		value, err := json.Marshal(pairs[i+1])
		if err != nil {
			return err
		}
		if i > 0 {
			line = append(line, ',')
		}
		line = append(append(append(line, name...), ':'), value...)
	}
	_, err := w.Write(append(line, '}', '\n'))
	return err
}

// moment is a time. In text zero is shown as a word for what did not happen or
// never will, in JSON as null.
type moment struct {
	time.Time
	zero string
}

// String is for text.
func (m moment) String() string {
	if m.IsZero() {
		return m.zero
	}
	return m.Local().Format(time.DateTime)
}

// MarshalJSON is for JSON.
func (m moment) MarshalJSON() ([]byte, error) {
	if m.IsZero() {
		return []byte("null"), nil
	}
	return m.UTC().MarshalJSON()
}
