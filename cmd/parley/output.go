package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// fields prints names and values, a pair a line, for people and for cut(1).
func fields(w io.Writer, pairs ...any) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i := 0; i+1 < len(pairs); i += 2 {
		fmt.Fprintf(t, "%v\t%v\n", pairs[i], pairs[i+1])
	}
	return t.Flush()
}

// table prints rows under a heading, in columns.
type table struct{ w *tabwriter.Writer }

func newTable(w io.Writer, heading ...any) table {
	t := table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	t.row(heading...)
	return t
}

func (t table) row(cells ...any) {
	for i, cell := range cells {
		if i > 0 {
			fmt.Fprint(t.w, "\t")
		}
		fmt.Fprint(t.w, cell)
	}
	fmt.Fprintln(t.w)
}

func (t table) flush() error { return t.w.Flush() }

// moment prints a time; zero stands for something that did not happen or never will.
func moment(t time.Time, zero string) string {
	if t.IsZero() {
		return zero
	}
	return t.Local().Format(time.DateTime)
}
