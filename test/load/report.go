//go:build linux

package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// A table collects one row for each figure. A figure is measured once a round
// for every server, the servers taking turns, and stands for the median.
type table struct {
	title   string   // of a table that is not the first
	columns []string // the servers
	// The column after the second one has the first divided by the second, or the second
	// divided by the first if growth is set.
	growth bool
	rows   []*row
}

type row struct {
	what    string
	samples map[string][]float64 // by server
	goal    goal
}

// A goal says what is wanted of the row; the zero goal wants nothing.
type goal struct {
	text   string
	needed []string // the columns without which nothing can be said
	met    func(*row) bool
}

// ofNode wants the cost to be at most this part of Node's.
func ofNode(most float64) goal {
	return goal{"≤ " + number(most) + " of Node", []string{ours, node}, func(r *row) bool { return r.median(ours) <= most*r.median(node) }}
}

// ofFloor wants the floor to be at least this part of the cost.
func ofFloor(least float64) goal {
	return goal{fmt.Sprintf("≥ %.0f %% of the floor", 100*least), []string{ours, floor}, func(r *row) bool { return r.median(floor) >= least*r.median(ours) }}
}

func atMost(most float64) goal   { return atMostOf(ours, most) }
func atLeast(least float64) goal { return atLeastOf(ours, least) }

// atMostOf and atLeastOf bound the figure in one column.
func atMostOf(column string, most float64) goal {
	return goal{"≤ " + number(most), []string{column}, func(r *row) bool { return r.median(column) <= most }}
}

func atLeastOf(column string, least float64) goal {
	return goal{"≥ " + number(least), []string{column}, func(r *row) bool { return r.median(column) >= least }}
}

// atMostTimes wants the figure in one column to be at most so many times that in another.
func atMostTimes(column, other string, most float64) goal {
	return goal{"≤ " + number(most) + " times", []string{column, other}, func(r *row) bool { return r.median(column) <= most*r.median(other) }}
}

// row returns the row of that name, a new one at the end if there is none.
func (t *table) row(what string, g goal) *row {
	for _, r := range t.rows {
		if r.what == what {
			return r
		}
	}
	r := &row{what: what, samples: map[string][]float64{}, goal: g}
	t.rows = append(t.rows, r)
	return r
}

func (r *row) add(server string, v float64) { r.samples[server] = append(r.samples[server], v) }

// median of what was measured; 0 when nothing was.
func (r *row) median(server string) float64 {
	s := slices.Sorted(slices.Values(r.samples[server]))
	switch n := len(s); {
	case n == 0:
		return 0
	case n%2 == 1:
		return s[n/2]
	default:
		return (s[n/2-1] + s[n/2]) / 2
	}
}

// print writes the table as Markdown, aligned so that it reads as plain text too.
func (t *table) print(w io.Writer) {
	cells := [][]string{t.head()}
	for _, r := range t.rows {
		cells = append(cells, t.cells(r))
	}
	widths := make([]int, len(cells[0]))
	for _, line := range cells {
		for i, cell := range line {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for n, line := range cells {
		for i, cell := range line {
			fmt.Fprintf(w, "| %s%s ", cell, strings.Repeat(" ", widths[i]-len([]rune(cell))))
		}
		fmt.Fprintln(w, "|")
		if n == 0 {
			for i, width := range widths {
				if i == 0 {
					fmt.Fprintf(w, "|%s", strings.Repeat("-", width+2))
				} else {
					fmt.Fprintf(w, "|%s:", strings.Repeat("-", width+1))
				}
			}
			fmt.Fprintln(w, "|")
		}
	}
}

func (t *table) head() []string {
	ratio := t.columns[0] + " / " + t.columns[1]
	if t.growth {
		ratio = t.columns[1] + " / " + t.columns[0]
	}
	return append(append([]string{"figure", t.columns[0], t.columns[1], ratio}, t.columns[2:]...), "goal", "met")
}

func (t *table) cells(r *row) []string {
	value := func(server string) string {
		if len(r.samples[server]) == 0 {
			return ""
		}
		return number(r.median(server))
	}
	cells := []string{r.what, value(t.columns[0]), value(t.columns[1]), ""}
	if a, b := r.median(t.columns[0]), r.median(t.columns[1]); a > 0 && b > 0 {
		if t.growth {
			a, b = b, a
		}
		cells[3] = fmt.Sprintf("%.2f", a/b)
	}
	for _, column := range t.columns[2:] {
		cells = append(cells, value(column))
	}
	met := ""
	if r.goal.met != nil && !slices.ContainsFunc(r.goal.needed, func(column string) bool { return len(r.samples[column]) == 0 }) {
		if met = "no"; r.goal.met(r) {
			met = "yes"
		}
	}
	return append(cells, r.goal.text, met)
}

// number writes a figure with about three digits, thousands apart.
func number(v float64) string {
	switch {
	case v >= 10_000:
		return thousands(100 * int(v/100+0.5))
	case v >= 1000:
		return thousands(10 * int(v/10+0.5))
	case v >= 100:
		return strconv.Itoa(int(v + 0.5))
	}
	digits := 3
	if v >= 10 {
		digits = 1
	} else if v >= 1 {
		digits = 2
	}
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(v, 'f', digits, 64), "0"), ".")
}

func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
