import type { Language } from '@/i18n'

export interface Emoji {
  unicode: string
  label: string
  /** Where it stands: 0 smileys … 9 flags. */
  group: number
  /** What it is found by, in small letters. */
  words: string
}

interface Entry {
  unicode: string
  label: string
  group?: number
  order?: number
  tags?: string[]
}

const component = 2

/** The emoji in the order of the standard, with names in the language. */
export async function loadEmoji(language: Language): Promise<Emoji[]> {
  const { default: entries } = (await (language === 'zh' ? import('emojibase-data/zh/compact.json') : import('emojibase-data/en/compact.json'))) as unknown as {
    default: Entry[]
  }
  return entries
    .filter((entry) => entry.group !== undefined && entry.group !== component)
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map(({ unicode, label, group, tags }) => ({ unicode, label, group: group!, words: [label, ...(tags ?? [])].join(' ').toLowerCase() }))
}

/** Those that have every word of the query somewhere in their names; where the name itself begins with it, first. */
export function findEmoji(all: readonly Emoji[], query: string): Emoji[] {
  const words = query.toLowerCase().trim().split(/\s+/)
  const found = all.filter((emoji) => words.every((word) => emoji.words.includes(word)))
  const first = words[0] ?? ''
  const rank = (emoji: Emoji) => (emoji.label.toLowerCase().startsWith(first) ? 0 : emoji.words.includes(` ${first}`) ? 1 : 2)
  return found.sort((a, b) => rank(a) - rank(b))
}

const stored = 'parley.emoji'
const kept = 27

/** What was picked last on this device, newest first. */
export function recentEmoji(): string[] {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(stored) ?? '[]')
    return Array.isArray(read) ? read.filter((text): text is string => typeof text === 'string').slice(0, kept) : []
  } catch {
    return []
  }
}

export function rememberEmoji(unicode: string): void {
  localStorage.setItem(stored, JSON.stringify([unicode, ...recentEmoji().filter((other) => other !== unicode)].slice(0, kept)))
}
