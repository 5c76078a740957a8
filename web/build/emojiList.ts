import { createRequire } from 'node:module'

interface Entry {
  emoji: string
  /** 1: a single character that is colored without a variation selector. */
  type: number
  group?: number
  order?: number
  skins?: Entry[]
}

const component = 2 // the skin tones and hair styles themselves

/**
 * Returns every emoji of the standard in its fully-qualified form, with its skin tones, one a line: the
 * content of internal/emoji/emoji.txt, the list of the server. `npm run emoji` writes the file.
 */
export function emojiList(): string {
  const entries = createRequire(import.meta.url)('emojibase-data/en/data.json') as Entry[]
  const all = entries
    .filter(({ group }) => group !== undefined && group !== component)
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .flatMap((entry) => [entry, ...(entry.skins ?? [])])
  return all.map(({ emoji, type }) => `${type === 1 && [...emoji].length === 2 ? emoji.replace('\ufe0f', '') : emoji}\n`).join('')
}
