import { find } from 'linkifyjs'
import { isSafeAddress } from '@/app/address'

export interface Link {
  start: number
  end: number
  href: string
}

// Chinese, Japanese and Korean letters, full-width forms included. These languages put no space between a link and the words around it.
const cjk = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\uFF10-\uFF19\uFF21-\uFF3A\uFF41-\uFF5A`
// Full-width punctuation, curly quotes, the dash and the ellipsis.
const punctuation = String.raw`\u2014\u2015\u2018-\u201F\u2026\u3000-\u3004\u3008-\u3020\u3030\uFE10-\uFE1F\uFE30-\uFE6F\uFF00-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65`
// Characters that no address has: space, controls and invisible characters, emoji, quotation marks and brackets around addresses.
const outside = String.raw`\s\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\p{Extended_Pictographic}"<>\\${'`'}`

const isCJK = new RegExp(`[${cjk}]`, 'u')
const foreign = new RegExp(`[${cjk}${punctuation}]`, 'gu')

const begin = String.raw`(?<![\w.@/:-])(?:(?<scheme>https?:\/\/)|(?=www\.))`
const host = String.raw`(?<host>\[[\da-f:.]+\]|[\p{L}\p{N}\p{M}._-]+)`
const address = new RegExp(begin + host, 'giu')
const port = /:\d{1,5}(?!\d)/y
// A comma or semicolon before another address separates the two.
const rest = (letters: string) => new RegExp(String.raw`[/?#](?:(?![,;|]https?:\/\/)(?:[^${outside}${punctuation}${cjk}]|${letters}))*`, 'yu')
const latinRest = rest(String.raw`(?<=[/=%_${cjk}]|_\()[${cjk}]`)
const anyRest = rest(`[${cjk}]`)

/**
 * The web and mail addresses in a text. Requirements:
 * 1. Full-width punctuation, spaces, invisible characters and emoji end an address.
 * 2. Chinese, Japanese and Korean letters end it, too, because no space separates them from it: `https://example.test/a然后`.
 *    They belong to it where a name or value begins, and behind others of them: `https://example.test/wiki/维基百科`,
 *    `?q=中文`; and anywhere in the path of a host that has such letters: `https://例子.测试/a路径`.
 * 3. Punctuation at the end, asterisks that make the text bold, a bracket that the address does not open, and one that it does not close are not part of it.
 * 4. An address with `https://` may have any host. One that begins with `www.` needs no scheme, and neither does a
 *    host under a known top-level domain.
 * 5. Only addresses that are safe to follow are links.
 */
export function linksOf(text: string): Link[] {
  const links: Link[] = []
  let from = 0
  for (const match of text.matchAll(address)) {
    if (match.index < from) continue
    const end = endOf(text, match)
    if (end === null) continue
    links.push(...bareLinks(text, from, match.index))
    const written = text.slice(match.index, end)
    const href = match.groups!.scheme ? written : `https://${written}`
    if (isSafeAddress(href)) links.push({ start: match.index, end, href })
    from = end
  }
  links.push(...bareLinks(text, from, text.length))
  return links
}

/** Where the address ends that begins with the match; null: it is none. */
function endOf(text: string, match: RegExpExecArray): number | null {
  const { scheme = '', host: written = '' } = match.groups!
  const name = hostIn(written)
  if (name === '' || (scheme === '' && !/^www\.[^.]+\../i.test(name))) return null
  let end = match.index + scheme.length + name.length
  if (name.length === written.length) {
    const next = text.slice(end, end + 2)
    // Credentials, or an invisible character in the middle of a host: the address leads elsewhere than it seems to.
    if (/^(?:@|:[^\s\d/]|\p{Default_Ignorable_Code_Point}|\p{Cf})/u.test(next)) return null
    port.lastIndex = end
    end += port.exec(text)?.[0].length ?? 0
    const path = isCJK.test(name) ? anyRest : latinRest
    path.lastIndex = end
    end += path.exec(text)?.[0].length ?? 0
  }
  return match.index + withoutTail(text.slice(match.index, end)).length
}

/** The host at the beginning of the letters that stand behind the scheme. */
function hostIn(written: string): string {
  if (written.startsWith('[')) return written
  const name = written.replace(/\.+$/, '')
  if (!isCJK.test(name)) return name
  const labels = name.split('.')
  // A top-level domain is of one script: behind a Latin one, the sentence goes on.
  const last = /^[\w-]+(?=[^\w-])/.exec(labels.at(-1)!)
  if (last) return [...labels.slice(0, -1), last[0]].join('.')
  return labels.length > 1 ? name : ''
}

const closing: Record<string, string> = { ')': '(', ']': '[', '}': '{' }

/** An address without the punctuation and brackets of the sentence around it. */
function withoutTail(written: string): string {
  const open: { bracket: string; at: number }[] = []
  let end = written.length
  for (let i = written.indexOf('//') + 2; i < end; i++) {
    const c = written[i]!
    if (c === '(' || c === '[' || c === '{') open.push({ bracket: c, at: i })
    else if (closing[c] !== undefined && open.pop()?.bracket !== closing[c]) end = i
  }
  return written.slice(0, Math.min(end, open[0]?.at ?? end)).replace(/[.,;:!?'’*]+$/, '')
}

/** Addresses without a scheme, as far as their top-level domain is known, and mail addresses. */
function bareLinks(text: string, from: number, to: number): Link[] {
  const links: Link[] = []
  for (const found of find(text.slice(from, to).replace(foreign, (c) => ' '.repeat(c.length)), { defaultProtocol: 'https' })) {
    if (!found.isLink) continue
    if (found.type === 'email') {
      links.push({ start: from + found.start, end: from + found.end, href: found.href })
      continue
    }
    const written = withoutTail(found.value)
    const href = found.href.slice(0, found.href.length - (found.value.length - written.length))
    if (/^mailto:/i.test(href) || isSafeAddress(href)) links.push({ start: from + found.start, end: from + found.start + written.length, href })
  }
  return links
}
