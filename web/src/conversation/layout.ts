// The positions of the lines of a conversation, from their heights. Heights are measured for lines that were drawn, and
// estimated for others.
import { anchorOf, indexOfAnchor, type Row } from './rows'

/**
 * What is kept in its place while heights become known, lines come in and the window changes its size:
 * - `end`: the last line at the lower edge.
 * - `new`: the line of the new messages near the upper edge, or the end where both fit on the screen.
 * - `row`: the line with that anchor at `offset` pixels below the upper edge, or in the middle.
 */
export type Place = { at: 'end' } | { at: 'new' } | { at: 'row'; anchor: string; offset: number | 'middle' }

/** Room above the first line and below the last. */
export const paddingTop = 8
export const paddingBottom = 12
/** The line of the new messages stands so far below the upper edge: the date, and the message before it, are above it. */
export const newLineOffset = 72
/** So near to the end, the last message can be seen. */
export const nearEnd = 24

/** Everything about the list that depends on its heights, at one moment. */
export interface Layout {
  rows: readonly Row[]
  /** Where each line begins; one more, where the last one ends. */
  offsets: readonly number[]
  /** Of the list's window. */
  height: number
}

export function layoutOf(rows: readonly Row[], heightOf: (row: Row) => number, height: number): Layout {
  const offsets = [paddingTop]
  for (const row of rows) offsets.push(offsets.at(-1)! + heightOf(row))
  // Few lines stand at the lower edge.
  const spare = height - offsets.at(-1)! - paddingBottom
  return { rows, height, offsets: spare > 0 ? offsets.map((offset) => offset + spare) : offsets }
}

/** How far the list is scrolled at its end. */
export const endOf = ({ offsets, height }: Layout): number => Math.max(0, offsets.at(-1)! + paddingBottom - height)

/** How far the list must be scrolled for the place; null: its line is gone. */
export function scrollTo(place: Place, layout: Layout): number | null {
  const end = endOf(layout)
  if (place.at === 'end') return end
  const index = place.at === 'new' ? layout.rows.findIndex((row) => row.kind === 'new') : indexOfAnchor(layout.rows, place.anchor)
  if (index < 0) return place.at === 'new' ? end : null
  const top = layout.offsets[index]!
  const room = layout.height - (layout.offsets[index + 1]! - top)
  const offset = place.at === 'new' ? newLineOffset : place.offset === 'middle' ? Math.max(0, room / 2) : place.offset
  return Math.min(end, Math.max(0, top - offset))
}

/** The line at this height, or the last above it. */
export function indexAt({ offsets }: Layout, y: number): number {
  let low = 0
  let high = offsets.length - 2
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (offsets[middle]! <= y) low = middle
    else high = middle - 1
  }
  return low
}

/** What stays in its place for somebody who has scrolled the list to `top`. */
export function placeAt(layout: Layout, top: number, hasNewer: boolean): Place {
  if (!hasNewer && endOf(layout) - top <= nearEnd) return { at: 'end' }
  const { rows, offsets } = layout
  for (let i = indexAt(layout, top); i < rows.length; i++) {
    // Other lines come and go with the messages around them.
    if (rows[i]!.kind === 'message') return { at: 'row', anchor: anchorOf(rows[i]!), offset: offsets[i]! - top }
  }
  return { at: 'end' }
}

/** The messages of the server of which the lower edge is on the screen, oldest first. */
export function shownAt({ rows, offsets, height }: Layout, top: number): string[] {
  const shown: string[] = []
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!
    if (row.kind !== 'message' || !row.message.id) continue
    const bottom = offsets[i + 1]!
    if (bottom > top && bottom <= top + height + paddingBottom) shown.push(row.message.id)
  }
  return shown
}

/** First and last line, the last one not included. */
export interface Slice {
  from: number
  to: number
}

/** The lines that are within so many pixels of the screen. */
export function sliceAt(layout: Layout, top: number, around: number): Slice {
  if (layout.rows.length === 0) return { from: 0, to: 0 }
  return { from: indexAt(layout, top - around), to: indexAt(layout, top + layout.height + around) + 1 }
}

export const contains = (outer: Slice, inner: Slice): boolean => outer.from <= inner.from && outer.to >= inner.to
