// The subset of Markdown that messages are shown with. docs/protocol/formatting.md describes it for authors of other clients.
import Library, { type Env, type MarkdownIt, type StateBlock, type StateInline, type Token } from 'markdown-it'
import { isSafeAddress } from '@/app/address'
import { withEmotions } from '../emotions'
import { linksOf } from '../links'
import { type Span, spansOf } from '../text'

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'span'; span: Span }
  | { kind: 'code'; text: string }
  | { kind: 'strong' | 'em' | 'struck'; content: Inline[] }
  | { kind: 'link'; href: string; content: Inline[] }

type Content =
  | { kind: 'paragraph'; content: Inline[] }
  | { kind: 'code'; language: string; text: string }
  | { kind: 'quote'; content: Block[] }
  | { kind: 'list'; ordered: boolean; items: Item[] }

/** `gap`: a blank line stands before it. */
export type Block = Content & { gap: boolean }

export interface Item {
  /** A blank line stands before it. */
  gap: boolean
  /** As written, in an ordered list. */
  number: number
  content: Block[]
}

interface Context {
  myName: string
  /** Those who may be called, longest first. */
  names: readonly string[]
  /** The text is the beginning of a longer one: the end of a code block may be missing. */
  cut?: boolean
}

/** Returns the formatted text; null: there is no formatting in it. */
export function parse(text: string, context: Context): Block[] | null {
  const parsing: Parsing = { context, unclosed: new Map(), escaped: false }
  const tokens = markdown.parse(text, parsing)
  const plain = tokens.every(({ type, children }) => /^(?:paragraph|inline)/.test(type) && (children ?? []).every((child) => child.type === 'text' || child.type === 'span'))
  return plain && !parsing.escaped ? null : new Reader(tokens, text.split('\n')).blocks()
}

/** What the rules know of the text. */
interface Parsing extends Env {
  context: Context
  /** By the part of the text that was searched: the least length of a fence that was found to have no end there. */
  unclosed: Map<string, number>
  /** There is a backslash that is not shown. */
  escaped: boolean
}

// More levels of quotes and lists than this are shown as they were written.
const mostLevels = 10

/** The first character of the line that is not space. */
const startOf = (state: StateBlock, line: number): number => state.bMarks[line]! + state.tShift[line]!

const restOf = (state: StateBlock, line: number): string => state.src.slice(startOf(state, line), state.eMarks[line])

type BlockRule = (state: StateBlock, start: number, end: number, silent: boolean) => boolean

/** A rule that sees only the lines before `end`. No line behind it continues a paragraph that was begun before it. */
function within(rule: BlockRule, state: StateBlock, start: number, end: number): boolean {
  const { lineMax } = state
  state.lineMax = end
  const found = rule(state, start, end, false)
  state.lineMax = lineMax
  return found
}

/** A code block must have an end, so that three backticks alone hide nothing, and its first line must be a single word. */
const fence =
  (rule: BlockRule): BlockRule =>
  (state, start, end, silent) => {
    const opening = /^(`{3,})[ \t]*([\w+#.-]{0,30})[ \t]*$/.exec(restOf(state, start))
    return opening !== null && (isClosed(state, start, end, opening[1]!.length) || (state.env as Parsing).context.cut === true) && rule(state, start, end, silent)
  }

function isClosed(state: StateBlock, start: number, end: number, length: number): boolean {
  const { unclosed } = state.env as Parsing
  const key = `${end} ${state.blkIndent}`
  if (length >= (unclosed.get(key) ?? Infinity)) return false
  for (let line = start + 1; line < end; line++) {
    if (!state.isEmpty(line) && state.sCount[line]! < state.blkIndent) break
    if (state.src.charCodeAt(startOf(state, line)) !== 96) continue
    const rest = restOf(state, line).trimEnd()
    if (rest.length >= length && /^`+$/.test(rest) && state.sCount[line]! - state.blkIndent < 4) return true
  }
  unclosed.set(key, length)
  return false
}

/** Only lines with the mark belong to a quote, so that an answer below it does not. A space behind the mark: `>_<` is none. */
const quote =
  (rule: BlockRule): BlockRule =>
  (state, start, end, silent) => {
    const marked = (line: number): boolean => /^>(?:[ \t]|$)/.test(restOf(state, line)) && state.sCount[line]! - state.blkIndent < 4
    if (state.level >= mostLevels || !marked(start) || !restOf(state, start).slice(1).trim()) return false
    if (silent) return true
    let last = start + 1
    while (last < end && state.sCount[last]! >= state.blkIndent && marked(last)) last++
    return within(rule, state, start, last)
  }

const listMark = /^(?:([-*])|\d{1,3}([.)]))[ \t]+\S/

/** A list ends at the first line that neither begins an item nor is indented. */
const list =
  (rule: BlockRule): BlockRule =>
  (state, start, end, silent) => {
    const mark = listMark.exec(restOf(state, start))
    if (state.level >= mostLevels || !mark) return false
    const indent = state.sCount[start]!
    if (silent) return rule(state, start, end, true)
    let last = start + 1
    for (let line = last; line < end; line++) {
      if (state.isEmpty(line)) continue
      if (state.sCount[line]! <= indent) {
        const next = state.sCount[line]! < indent ? null : listMark.exec(restOf(state, line))
        if (next?.[1] !== mark[1] || next?.[2] !== mark[2]) break
      }
      last = line + 1
    }
    return within(rule, state, start, last)
  }

/** As the library's, but the indentation of the lines stays. */
const paragraph: BlockRule = (state, start, end) => {
  const { parentType } = state
  state.parentType = 'paragraph'
  const endings = state.md.block.ruler.getRules('paragraph')
  let next = start + 1
  while (next < end && !state.isEmpty(next) && !endings.some((rule) => rule(state, next, end, true))) next++
  state.parentType = parentType
  state.line = next
  state.push('paragraph_open', 'p', 1).map = [start, next]
  const inline = state.push('inline', '', 0)
  inline.content = state.getLines(start, next, state.blkIndent, false)
  inline.map = [start, next]
  inline.children = []
  state.push('paragraph_close', 'p', -1)
  return true
}

const letter = /[\p{L}\p{N}\p{M}]/u
const punctuation = /[\p{P}\p{S}]/u
// Letters and punctuation of languages that put no space between words.
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u2014\u2018-\u201F\u2026\u3000-\u303F\uFE30-\uFE4F\uFF00-\uFFEF]/u

class InlineState extends Library.StateInline {
  /** Addresses and mentions, by where they begin. Nothing inside them is a mark. */
  readonly spans = new Map<number, Span>()

  constructor(...[src, md, env, tokens]: ConstructorParameters<typeof Library.StateInline>) {
    super(src, md, env, tokens)
    const { myName, names } = (env as Parsing).context
    const first = { _: src.indexOf('_'), '~~': src.indexOf('~~') }
    for (const span of spansOf(src, myName, names)) {
      const mark = /(?:_|~~)$/.exec(span.token.text)?.[0] as '_' | '~~' | undefined
      const isName = span.token.kind === 'mention' && names.includes(span.token.text.slice(1))
      this.spans.set(span.start, mark && !isName && first[mark] < span.start ? shortened(span, mark.length) : span)
    }
  }

  /**
   * Which of `*`, `_` and `~~` begin and end something. Beyond the rules of CommonMark:
   * 1. Inside a word they are letters: `snake_case`, `2*3*4`. Between Chinese, Japanese and Korean letters `**` is a mark,
   *    because there is no space between words.
   * 2. Punctuation of these languages beside a mark does not matter: `**注意：**请看`.
   * 3. `~~` stands outside of words: in Chinese it is also a friendly tone, `好呀~~明天见~~`.
   * 4. `__` is never a mark: `__init__`.
   */
  override scanDelims(start: number): { can_open: boolean; can_close: boolean; length: number } {
    const mark = this.src[start]!
    let end = start
    while (end < this.posMax && this.src[end] === mark) end++
    const length = end - start
    const [before, after] = [characterBefore(this.src, start), characterAt(this.src, end)]
    const wide = unspaced.test(before) || unspaced.test(after)
    const [lettersBefore, lettersAfter] = [letter.test(before), letter.test(after)]
    const inWord = lettersBefore && lettersAfter && (length === 1 || !wide)
    if (inWord || (mark === '_' && length > 1)) return { can_open: false, can_close: false, length }
    const open = /\S/.test(after) && (wide || !punctuation.test(after) || !lettersBefore)
    const close = /\S/.test(before) && (wide || !punctuation.test(before) || !lettersAfter)
    return { can_open: open && !(mark === '~' && lettersBefore), can_close: close && !(mark === '~' && lettersAfter), length }
  }
}

const characterAt = (text: string, at: number): string => String.fromCodePoint(text.codePointAt(at) ?? 32)

function characterBefore(text: string, at: number): string {
  const pair = at > 1 && /[\uDC00-\uDFFF]/.test(text[at - 1]!) && /[\uD800-\uDBFF]/.test(text[at - 2]!)
  return at === 0 ? ' ' : text.slice(at - (pair ? 2 : 1), at)
}

/** An address or a name without the mark behind it: `_see https://example.org_`. */
function shortened({ start, end, token }: Span, by: number): Span {
  const text = token.text.slice(0, -by)
  return { start, end: end - by, token: token.kind === 'link' ? { ...token, text, href: token.href.slice(0, -by) } : { ...token, text } }
}

type InlineRule = (state: StateInline) => boolean

const text: InlineRule = (state) => {
  const { spans } = state as InlineState
  const span = spans.get(state.pos)
  if (span && span.end <= state.posMax) {
    state.push('span', '', 0).meta = { span }
    state.pos = span.end
    return true
  }
  let end = state.pos
  while (end < state.posMax && !'\\`*_~['.includes(state.src[end]!) && (end === state.pos || !spans.has(end))) end++
  state.pending += state.src.slice(state.pos, end)
  const found = end > state.pos
  state.pos = end
  return found
}

const escape: InlineRule = (state) => {
  const { src, pos } = state
  const next = src[pos + 1]
  if (src[pos] !== '\\' || next === undefined || !'`*_~[]>-'.includes(next)) return false
  // The backslash of ¯\_(ツ)_/¯ is shown.
  const shown = src[pos - 1] === '¯'
  state.push('text_special', '', 0).content = shown ? `\\${next}` : next
  if (!shown) (state.env as Parsing).escaped = true
  state.pos += 2
  return true
}

/** The library's rule makes a space of every line end. */
const code =
  (rule: (state: StateInline, silent: boolean) => boolean): InlineRule =>
  (state) => {
    const start = state.pos
    if (!rule(state, false)) return false
    const token = state.tokens.at(-1)
    if (token?.type === 'code_inline' && state.pending === '') {
      const raw = state.src.slice(start + token.markup.length, state.pos - token.markup.length)
      token.content = raw.startsWith(' ') && raw.endsWith(' ') && raw.trim() ? raw.slice(1, -1) : raw
    }
    return true
  }

const longestLabel = 300

const link: InlineRule = (state) => {
  const { src, pos, posMax } = state
  if (src[pos] !== '[' || state.linkLevel > 0) return false
  const labelEnd = endOfLabel(src, pos + 1, Math.min(posMax, pos + longestLabel))
  if (labelEnd < 0 || src[labelEnd + 1] !== '(' || src[labelEnd + 2] === '<') return false
  const destination = state.md.helpers.parseLinkDestination(src, labelEnd + 2, posMax)
  if (!destination.ok || src[destination.pos] !== ')') return false
  const href = src.slice(labelEnd + 2, destination.pos)
  if (!isAllowed(href) || misleads(src.slice(pos + 1, labelEnd), href)) return false
  state.pos = pos + 1
  state.posMax = labelEnd
  state.push('link_open', 'a', 1).meta = { href }
  state.linkLevel++
  state.md.inline.tokenize(state)
  state.linkLevel--
  state.push('link_close', 'a', -1)
  state.pos = destination.pos + 1
  state.posMax = posMax
  return true
}

function endOfLabel(src: string, start: number, end: number): number {
  let depth = 1
  for (let i = start; i < end; i++) {
    const c = src[i]
    if (c === '\n') return -1
    if (c === '\\') i++
    else if (c === '[') depth++
    else if (c === ']' && --depth === 0) return /\S/.test(src.slice(start, i)) ? i : -1
  }
  return -1
}

const isAllowed = (href: string): boolean => (/^https?:/i.test(href) && isSafeAddress(href)) || /^mailto:[\w.+-]+@[\w.-]+$/i.test(href)

/** If the text of a link is an address, its host must be that of the link. */
function misleads(label: string, href: string): boolean {
  return linksOf(label).some((shown) => placeOf(shown.href) !== placeOf(href))
}

function placeOf(address: string): string {
  const url = new URL(address)
  return url.protocol === 'mailto:' ? url.href : url.host
}

/** The library's parser with these rules in place of its own, and none of its others. */
const markdown = ((): MarkdownIt => {
  const md = new Library('zero', { maxNesting: 100 })
  const blockRules = md.block.ruler
  const inlineRules = md.inline.ruler
  const ofBlock = (name: string): BlockRule => {
    blockRules.enableOnly(name)
    return blockRules.getRules('')[0]!
  }
  const interrupt = { alt: ['paragraph', 'blockquote', 'list'] }
  blockRules.at('fence', fence(ofBlock('fence')), interrupt)
  blockRules.at('blockquote', quote(ofBlock('blockquote')), interrupt)
  blockRules.at('list', list(ofBlock('list')), { alt: ['paragraph', 'blockquote'] })
  blockRules.at('paragraph', paragraph)
  blockRules.enableOnly(['fence', 'blockquote', 'list', 'paragraph'])
  inlineRules.enableOnly('backticks')
  inlineRules.at('backticks', code(inlineRules.getRules('')[0]!))
  inlineRules.at('text', text)
  inlineRules.at('escape', escape)
  inlineRules.at('link', link)
  inlineRules.enableOnly(['text', 'escape', 'backticks', 'strikethrough', 'emphasis', 'link'])
  md.inline.ruler2.enable(['strikethrough', 'emphasis'])
  md.inline.State = InlineState
  return md
})()

const kinds = { strong_open: 'strong', em_open: 'em', s_open: 'struck' } as const

/** Makes a tree of the library's list of tokens. */
class Reader {
  #at = 0

  constructor(
    private readonly tokens: readonly Token[],
    private readonly lines: readonly string[],
  ) {}

  /** The blocks up to the end of the one that they are in. */
  blocks(): Block[] {
    const found: Block[] = []
    for (; this.#at < this.tokens.length; this.#at++) {
      const token = this.tokens[this.#at]!
      if (token.nesting < 0) break
      const gap = found.length > 0 && this.#hasGap(token)
      found.push({ ...this.#block(token), gap })
    }
    return found
  }

  #hasGap({ map }: Token): boolean {
    return map !== null && /^[\s>]*$/.test(this.lines[map[0] - 1] ?? '')
  }

  #block(token: Token): Content {
    switch (token.type) {
      case 'fence':
        return { kind: 'code', language: token.info.trim(), text: token.content.replace(/\n$/, '') }
      case 'blockquote_open':
        this.#at++
        return { kind: 'quote', content: this.blocks() }
      case 'bullet_list_open':
      case 'ordered_list_open':
        return { kind: 'list', ordered: token.tag === 'ol', items: this.#items() }
      default:
        this.#at += 2
        return { kind: 'paragraph', content: inlines(this.tokens[this.#at - 1]!.children ?? []) }
    }
  }

  #items(): Item[] {
    const items: Item[] = []
    for (this.#at++; this.tokens[this.#at]!.nesting > 0; this.#at++) {
      const token = this.tokens[this.#at]!
      const gap = items.length > 0 && this.#hasGap(token)
      this.#at++
      items.push({ number: Number(token.info), gap, content: this.blocks() })
    }
    return items
  }
}

/** Marks inside others of their kind change nothing, so that the tree is never deep. */
function inlines(tokens: readonly Token[]): Inline[] {
  const root: Inline[] = []
  const open: { content: Inline[]; kind: string }[] = [{ content: root, kind: '' }]
  for (const token of tokens) {
    const { content } = open.at(-1)!
    if (token.nesting < 0) open.pop()
    else if (token.nesting > 0) {
      const kind = token.type === 'link_open' ? 'link' : kinds[token.type as keyof typeof kinds]
      if (open.some((outer) => outer.kind === kind)) open.push({ content, kind: '' })
      else {
        const made = { kind, content: [] as Inline[], ...(kind === 'link' && { href: (token.meta as { href: string }).href }) } as Inline & { content: Inline[] }
        content.push(made)
        open.push(made)
      }
    } else if (token.type === 'span') content.push({ kind: 'span', span: (token.meta as { span: Span }).span })
    else if (token.type === 'code_inline') content.push({ kind: 'code', text: token.content })
    else if (token.content) content.push({ kind: 'text', text: withEmotions(token.content) })
  }
  return root
}
