import type { Language } from '@/i18n'

export interface Emoji {
  /** Without a skin tone. */
  unicode: string
  label: string
  /** Where it stands: 0 smileys … 9 flags. */
  group: number
  /** What it is found by, in small letters. */
  words: string
  hasTones: boolean
}

/** The emoji in the order of the standard, with names in the language. */
export async function loadEmoji(language: Language): Promise<Emoji[]> {
  const { default: lines } = await (language === 'zh' ? import('virtual:emoji/zh') : import('virtual:emoji/en'))
  return lines.split('\n').map((line) => {
    const [unicode = '', group, tones, label = '', keywords = ''] = line.split('\t')
    return { unicode, label, group: Number(group), words: `${label} ${keywords}`.toLowerCase(), hasTones: tones === '1' }
  })
}

/** The same emoji, found by the words of another language, too. */
export function withWordsOf(all: readonly Emoji[], other: readonly Emoji[]): Emoji[] {
  const words = new Map(other.map((emoji) => [emoji.unicode, emoji.words]))
  return all.map((emoji) => ({ ...emoji, words: `${emoji.words} ${words.get(emoji.unicode) ?? ''}` }))
}

/** Those that have every word of the query somewhere in their names; where the name itself begins with it, first. */
export function findEmoji(all: readonly Emoji[], query: string): Emoji[] {
  const words = query.toLowerCase().trim().split(/\s+/)
  const found = all.filter((emoji) => words.every((word) => emoji.words.includes(word)))
  const first = words[0] ?? ''
  const rank = (emoji: Emoji) => (emoji.label.toLowerCase().startsWith(first) ? 0 : emoji.words.includes(` ${first}`) ? 1 : 2)
  return found.sort((a, b) => rank(a) - rank(b))
}

/** No tone, which is drawn yellow, and the five tones of the standard from light to dark. */
export const tones = ['', '\u{1F3FB}', '\u{1F3FC}', '\u{1F3FD}', '\u{1F3FE}', '\u{1F3FF}'] as const
export type Tone = (typeof tones)[number]

/** The emoji in a skin tone. Of several people all get it; hands that people hold each other by have none of their own. */
export function inTone({ unicode, hasTones }: Pick<Emoji, 'unicode' | 'hasTones'>, tone: Tone): string {
  if (!hasTones || tone === '') return unicode
  return unicode.replace(/(?!(?<=\u200D)\u{1F91D})(\p{Emoji_Modifier_Base})\uFE0F?/gu, `$1${tone}`)
}

const storedRecent = 'parley.emoji'
const storedTone = 'parley.emoji-tone'
const kept = 27

/** What was picked last on this device, newest first. */
export function recentEmoji(): string[] {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(storedRecent) ?? '[]')
    return Array.isArray(read) ? read.filter((text): text is string => typeof text === 'string').slice(0, kept) : []
  } catch {
    return []
  }
}

export function rememberEmoji(unicode: string): void {
  localStorage.setItem(storedRecent, JSON.stringify([unicode, ...recentEmoji().filter((other) => other !== unicode)].slice(0, kept)))
}

/** The skin tone that was chosen on this device. */
export const chosenTone = (): Tone => tones.find((tone) => tone === localStorage.getItem(storedTone)) ?? ''

export const rememberTone = (tone: Tone): void => localStorage.setItem(storedTone, tone)
