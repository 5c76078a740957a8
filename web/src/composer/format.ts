// What the shortcuts and buttons for formatting do to the text. Loaded with the first of them.
import type { Mark } from '@/app/keys/shortcuts'
import type { Call, ChatKey } from '@/state/model'
import { addCalls, standingIn } from './calls'

/** `text` replaces what is between `from` and `to`; then `select` is selected. */
export interface Change {
  from: number
  to: number
  text: string
  select: [number, number]
}

const pairs: Partial<Record<Mark, string>> = { bold: '**', italic: '_', struck: '~~', code: '`' }

/** What a mark does to a text in which the characters from `start` to `end` are selected. Done twice, it undoes itself. */
export function changeOf(text: string, start: number, end: number, mark: Mark): Change {
  const pair = pairs[mark]
  if (mark === 'link') return linked(text, start, end)
  if (pair && !(mark === 'code' && text.slice(start, end).includes('\n'))) return paired(text, start, end, pair)
  const from = text.lastIndexOf('\n', start - 1) + 1
  const next = text.indexOf('\n', end)
  const to = next < 0 ? text.length : next
  return pair || mark === 'codeBlock' ? fenced(text, from, to) : prefixed(text, from, to, mark)
}

function paired(text: string, start: number, end: number, pair: string): Change {
  const n = pair.length
  const selected = text.slice(start, end)
  const around = text.slice(start - n, start) === pair && text.slice(end, end + n) === pair
  if (around && start === end) return { from: end + n, to: end + n, text: '', select: [end + n, end + n] }
  if (around) return { from: start - n, to: end + n, text: selected, select: [start - n, end - n] }
  if (selected.length > 2 * n && selected.startsWith(pair) && selected.endsWith(pair)) return { from: start, to: end, text: selected.slice(n, -n), select: [start, end - 2 * n] }
  if (start === end) return { from: start, to: end, text: pair + pair, select: [start + n, start + n] }
  // No space beside a mark, and none over several lines.
  const marked = selected.replace(/[^\n]+/g, (line) => line.replace(/\S(?:.*\S)?/, (words) => pair + words + pair))
  const inner = selected.includes('\n') ? [start, start + marked.length] as const : [start + marked.indexOf(pair) + n, start + marked.lastIndexOf(pair)] as const
  return { from: start, to: end, text: marked, select: [...inner] }
}

function linked(text: string, start: number, end: number): Change {
  const selected = text.slice(start, end)
  const begin = 'https://'
  const at = start + selected.length + 3
  return { from: start, to: end, text: `[${selected}](${begin})`, select: selected ? [at, at + begin.length] : [start + 1, start + 1] }
}

/** A fence that the code does not have itself. */
function fenceFor(code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`{3,}/g)].map(([run]) => run.length))
  return '`'.repeat(longest + 1)
}

function fenced(text: string, from: number, to: number): Change {
  const lines = text.slice(from, to)
  const code = /^`{3,}.*\n([^]*?)\n?`{3,}$/.exec(lines)?.[1]
  if (code !== undefined) return { from, to, text: code, select: [from, from + code.length] }
  const fence = fenceFor(lines)
  const begin = from + fence.length + 1
  return { from, to, text: `${fence}\n${lines}\n${fence}`, select: [begin, begin + lines.length] }
}

const written: Partial<Record<Mark, RegExp>> = { quote: /^>(?: |$)/, list: /^[-*] /, numbers: /^\d{1,3}[.)] / }

function prefixed(text: string, from: number, to: number, mark: Mark): Change {
  const lines = text.slice(from, to).split('\n')
  const pattern = written[mark]!
  const worded = lines.filter((line) => line.trim() && line !== '>')
  const has = worded.length > 0 && worded.every((line) => pattern.test(line))
  let number = 0
  const marks = (): string => (mark === 'quote' ? '> ' : mark === 'list' ? '- ' : `${++number}. `)
  const made = lines.map((line) => (has ? line.replace(pattern, '') : line.trim() || lines.length === 1 ? marks() + line : mark === 'quote' ? '>' : line)).join('\n')
  const caret = lines.length === 1 ? from + made.length : from
  return { from, to, text: made, select: [caret, from + made.length] }
}

/** Does it in the field. */
export function applyMark(mark: Mark, chat: ChatKey, area: HTMLTextAreaElement, insert: (text: string) => void): void {
  const { from, to, text, select } = changeOf(area.value, area.selectionStart, area.selectionEnd, mark)
  const calls = callsAfter(standingIn(chat, area.value), from, area.value.slice(from, to), text)
  area.setSelectionRange(from, to)
  if (from < to || text) insert(text)
  if (calls.length > 0) addCalls(chat, area.value, calls)
  area.setSelectionRange(...select)
}

/** Inserts code as a code block, unless the caret is in one, and an address as the link of the selected text. */
export function paste(pasted: string, editor: string, { value, selectionStart: start, selectionEnd: end }: HTMLTextAreaElement, insert: (text: string) => void): void {
  const selected = value.slice(start, end)
  if (inCodeBlock(value, start)) insert(pasted)
  else if (pasted.includes('\n')) insert(codeBlock(pasted, modeOf(editor), value, start))
  else insert(/\n|:\/\//.test(selected) ? pasted : `[${selected}](${pasted})`)
}

/** Where the calls of a stretch at `from` are, once `after` has taken the place of `before`. */
function callsAfter(calls: readonly Call[], from: number, before: string, after: string): Call[] {
  let at = 0
  const moved: Call[] = []
  for (const call of calls.toSorted((a, b) => a.at - b.at)) {
    if (call.at < from || call.at >= from + before.length) continue
    const found = after.indexOf(`@${call.name}`, at)
    if (found < 0) continue
    moved.push({ ...call, at: from + found })
    at = found + 1
  }
  return moved
}

/** The language of the code that Visual Studio Code has put on the clipboard. */
function modeOf(editor: string): string {
  try {
    const { mode } = JSON.parse(editor) as { mode?: unknown }
    return typeof mode === 'string' ? mode : ''
  } catch {
    return ''
  }
}

/** Whether the place is inside a code block. */
const inCodeBlock = (text: string, at: number): boolean => [...text.slice(0, at).matchAll(/^ {0,3}`{3,}/gm)].length % 2 === 1

/** Code from another program as a code block; `mode` is its language, as Visual Studio Code says it. */
function codeBlock(code: string, mode: string, text: string, at: number): string {
  const fence = fenceFor(code)
  const language = /^[\w+#.-]{1,30}$/.test(mode) && mode !== 'plaintext' ? mode : ''
  const newLine = at > 0 && text[at - 1] !== '\n' ? '\n' : ''
  return `${newLine}${fence}${language}\n${code.replace(/\n+$/, '')}\n${fence}\n`
}
