/** The word behind an @ that the caret stands in, and where its @ is. */
export interface MentionQuery {
  at: number
  query: string
}

/**
 * What somebody is about to call, with the caret at `caret`; null: nobody. A name may
 * have spaces in it, but nobody is called any more once a space stands behind it.
 */
export function mentionQuery(text: string, caret: number): MentionQuery | null {
  const before = text.slice(Math.max(0, caret - 40), caret)
  const found = /(?:^|[^\w.+-])@((?:[^\s@](?:[^@\n]{0,28}[^\s@])?)?)$/.exec(before)
  return found ? { at: caret - found[1]!.length - 1, query: found[1]! } : null
}

/** The part of the text that a picked name replaces, `@` included. A space that follows is part of it, for one comes with the name. */
export function mentionRange(text: string, { at, query }: MentionQuery): [start: number, end: number] {
  const end = at + 1 + query.length
  return [at, text[end] === ' ' ? end + 1 : end]
}

/** Stands for everybody among those who were picked. */
export const everybody = '*'

/**
 * Whom the text calls, of those who were picked while it was written: a name that was
 * deleted again, or became another one, calls nobody.
 */
export function mentioned(text: string, picked: ReadonlyMap<string, string>): string[] | 'all' | undefined {
  const ids = new Set<string>()
  let rest = text
  // A name may begin with another one: "Ann Lee" is not "Ann".
  for (const [name, id] of [...picked].sort(([a], [b]) => b.length - a.length)) {
    const call = `@${name}`
    for (let i = rest.indexOf(call); i >= 0; i = rest.indexOf(call, i + 1)) {
      const next = rest[i + call.length]
      if (next !== undefined && /\w$/.test(name) && /\w/.test(next)) continue
      ids.add(id)
      rest = rest.slice(0, i) + ' '.repeat(call.length) + rest.slice(i + call.length)
    }
  }
  if (ids.has(everybody)) return 'all'
  return ids.size > 0 ? [...ids] : undefined
}
