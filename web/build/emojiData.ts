import { createRequire } from 'node:module'
import type { Plugin } from 'vite'

interface Entry {
  unicode: string
  label: string
  group?: number
  order?: number
  tags?: string[]
  skins?: unknown[]
}

const prefix = 'virtual:emoji/'
const component = 2 // the skin tones and hair styles themselves

/**
 * Serves `virtual:emoji/en` and so on: the emoji of emojibase-data in a language, in the order of the standard, as a text
 * with a line for each: emoji, group, 1 if it has skin tones, name, keywords, with tabs between them. It has what the
 * picker needs, which is less than half of the package's JSON.
 */
export function emojiData(): Plugin {
  const load = createRequire(import.meta.url)
  return {
    name: 'emoji-data',
    resolveId: (id) => (id.startsWith(prefix) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${prefix}`)) return undefined
      const entries = load(`emojibase-data/${id.slice(prefix.length + 1)}/compact.json`) as Entry[]
      const lines = entries
        .filter(({ group }) => group !== undefined && group !== component)
        .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
        .map(({ unicode, group, skins, label, tags }) => [unicode, group, skins ? 1 : '', label, (tags ?? []).join(' ')].join('\t'))
      return `export default ${JSON.stringify(lines.join('\n'))}`
    },
  }
}
