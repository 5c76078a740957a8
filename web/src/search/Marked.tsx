import type { Excerpt } from '@/api/search'
import { pieces, readable } from './pieces'

/** An excerpt with what was found in it lit up. */
export function Marked({ excerpt }: { excerpt: Excerpt }) {
  return pieces(readable(excerpt)).map((p) =>
    p.found ? (
      <mark key={p.at} className="rounded-xs bg-highlight text-text">
        {p.text}
      </mark>
    ) : (
      <span key={p.at}>{p.text}</span>
    ),
  )
}
