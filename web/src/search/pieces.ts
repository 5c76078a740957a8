import type { Excerpt } from '@/api/search'
import { isMarked, withNulls } from '@/message/marks'

interface Piece {
  text: string
  found: boolean
  /** Where it begins. */
  at: number
}

/** An excerpt without the marks of its formatting. What was found in it is marked at its new place. */
export function readable({ text, marks }: Excerpt): Excerpt {
  if (!isMarked(text)) return { text, marks }
  const masked = withNulls(text)
  const shown = (to: number): string => masked.slice(0, to).replaceAll('\0', '')
  return { text: shown(text.length), marks: marks.map(([begin, end]) => [shown(begin).length, shown(end).length]) }
}

/** Cuts an excerpt where its marks begin and end. Marks that overlap or lie outside do no harm. */
export function pieces({ text, marks }: Excerpt): Piece[] {
  const out: Piece[] = []
  let at = 0
  const cut = (to: number, found: boolean): void => {
    if (to > at) out.push({ text: text.slice(at, to), found, at })
    at = Math.max(at, to)
  }
  for (const [begin, end] of marks.toSorted((a, b) => a[0] - b[0])) {
    cut(Math.min(begin, text.length), false)
    cut(Math.min(end, text.length), true)
  }
  cut(text.length, false)
  return out
}
