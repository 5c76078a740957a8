import type { Section } from '@/api/people'

/**
 * A line of the directory: the heading of an initial, the person with that offset
 * in the server's list, or one of those who stand above it because they are written to a lot.
 */
export type Line = { initial: string } | { offset: number } | { recent: number }

/** Heads the people who stand above the list. */
export const recentHeading = 'recent'

interface Layout {
  lines: Line[]
  /** Index of each initial's heading. */
  headings: Map<string, number>
  people: number
}

const nobody: ReadonlySet<number> = new Set()

/**
 * Lays the whole directory out from the size of its sections, before anybody in it is loaded. The people with the offsets
 * `left` are left out of the sections: they are among the recent ones.
 */
export function layOut(sections: Section[], recent = 0, left: ReadonlySet<number> = nobody): Layout {
  const lines: Line[] = []
  const headings = new Map<string, number>()
  if (recent > 0) lines.push({ initial: recentHeading })
  for (let i = 0; i < recent; i++) lines.push({ recent: i })
  let offset = 0
  for (const { initial, count } of sections) {
    const offsets = Array.from({ length: count }, (_, i) => offset + i).filter((at) => !left.has(at))
    offset += count
    if (offsets.length === 0) continue
    headings.set(initial, lines.length)
    lines.push({ initial }, ...offsets.map((at) => ({ offset: at })))
  }
  return { lines, headings, people: offset }
}

/** Numbers of the pages in which the people of these lines are. */
export function pagesOf(lines: Line[], indexes: number[], pageSize: number): number[] {
  const pages = new Set<number>()
  for (const index of indexes) {
    const line = lines[index]
    if (line && 'offset' in line) pages.add(Math.floor(line.offset / pageSize))
  }
  return [...pages].sort((a, b) => a - b)
}

/** Index of the heading above the line. */
export function headingAbove(layout: Layout, index: number): string {
  for (let i = Math.min(index, layout.lines.length - 1); i >= 0; i--) {
    const line = layout.lines[i]!
    if ('initial' in line) return line.initial
  }
  return ''
}
