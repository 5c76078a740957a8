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
type table struct{ rows []*row }

type row struct {
	what    string
	samples map[string][]float64 // by server
	goal    goal
}

// A goal says what is wanted of the row; the zero goal wants nothing.
type goal struct {
	text    string
	against string // the column without which nothing can be said
	met     func(*row) bool
}

// ofNode wants the cost to be at most this part of Node's.
func ofNode(most float64) goal {
	return goal{"≤ " + number(most) + " of Node", node, func(r *row) bool { return r.median(ours) <= most*r.median(node) }}
}

// ofFloor wants the floor to be at least this part of the cost.
func ofFloor(least float64) goal {
	return goal{fmt.Sprintf("≥ %.0f %% of the floor", 100*least), floor, func(r *row) bool { return r.median(floor) >= least*r.median(ours) }}
}

func atMost(most float64) goal {
	return goal{"≤ " + number(most), ours, func(r *row) bool { return r.median(ours) <= most }}
}

func atLeast(least float64) goal {
	return goal{"≥ " + number(least), ours, func(r *row) bool { return r.median(ours) >= least }}
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
	cells := [][]string{{"figure", ours, node, ours + " / Node", floor, "goal", "met"}}
	for _, r := range t.rows {
		cells = append(cells, r.cells())
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

func (r *row) cells() []string {
	value := func(server string) string {
		if len(r.samples[server]) == 0 {
			return ""
		}
		return number(r.median(server))
	}
	ratio, met := "", ""
	if r.median(ours) > 0 && r.median(node) > 0 {
		ratio = fmt.Sprintf("%.2f", r.median(ours)/r.median(node))
	}
	if r.goal.met != nil && len(r.samples[ours]) > 0 && len(r.samples[r.goal.against]) > 0 {
		if met = "no"; r.goal.met(r) {
			met = "yes"
		}
	}
	return []string{r.what, value(ours), value(node), ratio, value(floor), r.goal.text, met}
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
