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
	ratios  []ratio  // columns after those of the servers
	rows    []*row
}

// A ratio is the figure in one column divided by that in another.
type ratio struct{ of, by string }

func (r ratio) String() string { return r.of + " / " + r.by }

type row struct {
	what    string
	samples map[string][]float64 // by server
	limited map[string]int       // by server: the samples that the generator limited
	failed  map[string]bool      // servers that could not do it
	goals   []goal
}

// A goal says what is wanted of the row; the zero goal wants nothing.
type goal struct {
	text   string
	needed []string // the columns without which nothing can be said
	met    func(*row) bool
}

// ofNode wants the cost to be at most this part of Node's, and ofBun of Bun's.
func ofNode(most float64) goal { return partOf(node, "Node", most) }
func ofBun(most float64) goal  { return partOf(bun, "Bun", most) }

// timesFloor wants the cost to be at most so many times that of the floor.
func timesFloor(most float64) goal { return partOf(floor, "the floor", most) }

func partOf(column, name string, most float64) goal {
	g := atMostTimes(ours, column, most)
	g.text = "≤ " + number(most) + " of " + name
	return g
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

// atMostOnBoth bounds the figure on SQLite and on PostgreSQL.
func atMostOnBoth(most float64) goal {
	return goal{"≤ " + number(most) + " on both", []string{onSQLite, onPostgres}, func(r *row) bool { return max(r.median(onSQLite), r.median(onPostgres)) <= most }}
}

// atMostTimes wants the figure in one column to be at most so many times that in another.
func atMostTimes(column, other string, most float64) goal {
	return goal{"≤ " + number(most) + " times", []string{column, other}, func(r *row) bool { return r.median(column) <= most*r.median(other) }}
}

// atLeastTimes wants the figure in one column to be at least so many times that in another.
func atLeastTimes(column, other string, least float64) goal {
	return goal{"≥ " + number(least) + " times", []string{column, other}, func(r *row) bool { return r.median(column) >= least*r.median(other) }}
}

// row returns the row of that name, a new one at the end if there is none.
func (t *table) row(what string, goals ...goal) *row {
	for _, r := range t.rows {
		if r.what == what {
			return r
		}
	}
	r := &row{what: what, samples: map[string][]float64{}, limited: map[string]int{}, failed: map[string]bool{}}
	for _, g := range goals {
		if g.met != nil {
			r.goals = append(r.goals, g)
		}
	}
	t.rows = append(t.rows, r)
	return r
}

func (r *row) add(server string, v float64) { r.samples[server] = append(r.samples[server], v) }

// addOf adds a figure of m, and notes whether the generator limited it.
func (r *row) addOf(server string, v float64, m measured) {
	r.add(server, v)
	if m.generatorLimits() {
		r.limited[server]++
	}
}

// fail says that a server could not do it. What it did before does not count.
func (r *row) fail(server string) {
	r.failed[server] = true
	delete(r.samples, server)
}

// isLimited reports whether the generator limited the median.
func (r *row) isLimited(server string) bool { return 2*r.limited[server] > len(r.samples[server]) }

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

// limitedMark follows a figure that the generator limited.
const limitedMark = "*"

// print writes the table as Markdown, aligned so that it reads as plain text too.
func (t *table) print(w io.Writer) {
	t = t.withoutEmptyColumns()
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
	if t.hasLimited() {
		fmt.Fprintf(w, "\n%s The generator used its whole processor: the server can do more, and takes less time for each if more arrive at once.\n", limitedMark)
	}
}

// withoutEmptyColumns leaves out the servers of which nothing is known, and their ratios.
func (t *table) withoutEmptyColumns() *table {
	isEmpty := func(column string) bool {
		return !slices.ContainsFunc(t.rows, func(r *row) bool { return len(r.samples[column]) > 0 || r.failed[column] })
	}
	shown := *t
	shown.columns = slices.DeleteFunc(slices.Clone(t.columns), isEmpty)
	shown.ratios = slices.DeleteFunc(slices.Clone(t.ratios), func(r ratio) bool { return isEmpty(r.of) || isEmpty(r.by) })
	return &shown
}

func (t *table) hasLimited() bool {
	return slices.ContainsFunc(t.rows, func(r *row) bool { return slices.ContainsFunc(t.columns, r.isLimited) })
}

func (t *table) head() []string {
	head := append([]string{"figure"}, t.columns...)
	for _, r := range t.ratios {
		head = append(head, r.String())
	}
	return append(head, "goal", "met")
}

func (t *table) cells(r *row) []string {
	cells := []string{r.what}
	for _, column := range t.columns {
		cells = append(cells, r.cell(column))
	}
	for _, d := range t.ratios {
		cell := ""
		if a, b := r.median(d.of), r.median(d.by); a > 0 && b > 0 {
			cell = fmt.Sprintf("%.2f", a/b)
		}
		cells = append(cells, cell)
	}
	var goals, met []string
	for _, g := range r.goals {
		goals, met = append(goals, g.text), append(met, r.isMet(g))
	}
	if !slices.ContainsFunc(met, func(m string) bool { return m != unknown }) {
		met = nil
	}
	return append(cells, strings.Join(goals, ", "), strings.Join(met, ", "))
}

func (r *row) cell(server string) string {
	switch {
	case r.failed[server]:
		return "failed"
	case len(r.samples[server]) == 0:
		return ""
	case r.isLimited(server):
		return number(r.median(server)) + limitedMark
	}
	return number(r.median(server))
}

// unknown is the answer to a goal where a server that it needs was not measured.
const unknown = "–"

func (r *row) isMet(g goal) string {
	if slices.ContainsFunc(g.needed, func(column string) bool { return len(r.samples[column]) == 0 }) {
		return unknown
	}
	if g.met(r) {
		return "yes"
	}
	return "no"
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
