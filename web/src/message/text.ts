import { withEmotions } from './emotions'
import { linksOf } from './links'
import { nameStands } from './name'

/** A stretch of a message's text and what it is. */
export type Token =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  /** `me`: it calls the reader, by name or with everyone. */
  | { kind: 'mention'; text: string; me: boolean }

/** What "everyone" is called in a mention, in the languages of this client and of its older relatives. */
const everyone = ['everyone', 'all', '所有人', '全体成员', '全体']

/** A link or a mention, and where it stands in a text. */
export interface Span {
  start: number
  end: number
  token: Exclude<Token, { kind: 'text' }>
}

/**
 * Cuts a text into what is shown differently. `names` are those that may be called
 * here, longest first. Bracket emotions become emoji on the way. Only http, https and
 * mail addresses become links; whatever else looks like an address stays text.
 */
export function tokenize(text: string, myName: string, names: readonly string[] = []): Token[] {
  const tokens: Token[] = []
  let from = 0
  const put = (to: number) => {
    if (to > from) tokens.push({ kind: 'text', text: withEmotions(text.slice(from, to)) })
  }
  for (const { start, end, token } of spansOf(text, myName, names)) {
    put(start)
    tokens.push(token)
    from = end
  }
  put(text.length)
  return tokens
}

/** The links and mentions in a text. */
export function spansOf(text: string, myName: string, names: readonly string[]): Span[] {
  const spans: Span[] = []
  let from = 0
  for (const { start, end, href } of linksOf(text)) {
    mentions(text.slice(from, start), from, myName, names, spans)
    spans.push({ start, end, token: { kind: 'link', text: text.slice(start, end), href } })
    from = end
  }
  mentions(text.slice(from), from, myName, names, spans)
  return spans
}

/** The first words behind the `@`s of a text. */
export const calledWords = (text: string): string[] => [...new Set([...text.matchAll(/(?<![\w.+-])@([\p{L}\p{N}\p{M}_]+)/gu)].map((match) => match[1]!))]

/** Whether the text calls the reader. */
export const callsMe = (text: string, myName: string): boolean =>
  text.includes('@') && tokenize(text, myName).some((token) => token.kind === 'mention' && token.me)

function mentions(text: string, offset: number, myName: string, names: readonly string[], spans: Span[]): void {
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    // In the middle of a Latin word it is an address that was no link, or somebody's handle.
    if (at > 0 && /[\w.+-]/.test(text[at - 1]!)) continue
    const name = nameAt(text, at + 1, myName, names)
    if (!name) continue
    const end = at + 1 + name.text.length
    spans.push({ start: offset + at, end: offset + end, token: { kind: 'mention', text: `@${name.text}`, me: name.me } })
    at = end - 1
  }
}

// Names may have spaces in them. One that is not known ends at the first space or punctuation mark.
function nameAt(text: string, start: number, myName: string, names: readonly string[]): { text: string; me: boolean } | null {
  const stands = (name: string) => nameStands(text, start, name)
  const other = names.find(stands)
  const mine = [myName, ...everyone].find(stands)
  // "Ann Lee" is not me, who am "Ann".
  if (mine !== undefined && mine.length >= (other?.length ?? 0)) return { text: text.slice(start, start + mine.length), me: true }
  if (other !== undefined) return { text: text.slice(start, start + other.length), me: false }
  const unknown = /^[\p{L}\p{N}_.\-·]{1,40}/u.exec(text.slice(start, start + 60))?.[0].replace(/[.\-·]+$/, '')
  return unknown ? { text: unknown, me: false } : null
}

const oneEmoji = /^(?:\p{Regional_Indicator}{2}|[#*0-9]\uFE0F?\u20E3|(?:\p{Extended_Pictographic}|\p{Emoji_Presentation})(?:\uFE0F|\p{Emoji_Modifier})*(?:\u200D(?:\p{Extended_Pictographic}|\p{Emoji_Presentation})(?:\uFE0F|\p{Emoji_Modifier})*)*)/u

/** How many emoji the text consists of, bracket emotions included; 0 as soon as there is anything else. */
export function emojiOnly(text: string): number {
  if (text.length > 64) return 0
  let rest = withEmotions(text).replace(/\s+/g, '')
  let count = 0
  while (rest) {
    const emoji = oneEmoji.exec(rest)?.[0]
    if (!emoji) return 0
    rest = rest.slice(emoji.length)
    count++
  }
  return count
}

/** Where a long text is cut until the reader asks for all of it; null: it is shown whole. */
export function shortened(text: string): string | null {
  const limit = 1600
  const lines = 24
  let end = text.length > limit + 400 ? limit : text.length
  let breaks = 0
  for (let i = 0; i < end; i++) {
    if (text[i] === '\n' && ++breaks === lines) {
      end = i
      break
    }
  }
  if (end === text.length) return null
  // Not between the halves of a surrogate pair.
  if (/[\uD800-\uDBFF]/.test(text[end - 1]!)) end--
  return text.slice(0, end)
}
