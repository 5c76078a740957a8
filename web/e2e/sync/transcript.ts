import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../../test/script/transcripts/', import.meta.url))

/** One statement of a transcript; test/script says what there is. */
export interface Line {
  subject: string
  /** ">", ">>" and "<", or "" for a directive. */
  verb: string
  rest: string
}

export function transcripts(): { name: string; lines: Line[] }[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .map((file) => ({ name: file.slice(0, -'.txt'.length), lines: parse(readFileSync(folder + file, 'utf8')) }))
}

function parse(text: string): Line[] {
  const lines: Line[] = []
  for (const line of text.split('\n')) {
    if (!line.trim() || line.startsWith('#')) continue
    const last = lines.at(-1)
    if (/^\s/.test(line) && last) last.rest += `\n${line.trim()}`
    else {
      const [, subject = '', verb = '', rest = ''] = /^(\S+)(?:\s+(>>|>|<))?\s*(.*)$/s.exec(line) ?? []
      lines.push({ subject, verb, rest: rest.trim() })
    }
  }
  return lines
}

/** Takes `send message {…}` apart: a name, and the JSON values behind it. */
export function split(rest: string): { name: string; values: unknown[] } {
  const start = rest.startsWith('ack') ? 'ack'.length : rest.search(/[{["]/)
  if (start < 0) return { name: rest.trim(), values: [] }
  return { name: rest.slice(0, start).trim(), values: values(withDots(rest.slice(start))) }
}

// A bare ... stands for further fields.
const withDots = (text: string): string => text.replace(/"(?:[^"\\]|\\.)*"|\.\.\./g, (part) => (part === '...' ? '"...":0' : part))

function values(text: string): unknown[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  const token = /"(?:[^"\\]|\\.)*"|[[\]{}]|\s+|[^\s[\]{}"]+/g
  for (let m = token.exec(text); m; m = token.exec(text)) {
    if (/^[[{]$/.test(m[0])) depth++
    if (/^[\]}]$/.test(m[0])) depth--
    if (depth > 0) continue
    const part = text.slice(from, token.lastIndex).trim()
    if (part) parts.push(part)
    from = token.lastIndex
  }
  return parts.map((part) => JSON.parse(part) as unknown)
}

/** The values of a transcript's variables. */
export class Names {
  readonly #values = new Map<string, string>()

  set(name: string, value: string): void {
    this.#values.set(name, value)
  }

  fill(text: string): string {
    return text.replace(/\$([a-z][a-z0-9_.]*)/g, (all, name: string) => this.#values.get(name) ?? all)
  }

  /** Learns the names that stand in what is expected. Whether it is what was expected, test/script tells. */
  learn(want: unknown, got: unknown): void {
    if (typeof want === 'string' && /^[$#]/.test(want)) {
      if (!this.#values.has(want.slice(1))) this.#values.set(want.slice(1), String(got))
    } else if (Array.isArray(want)) want.forEach((w, i) => this.learn(w, (got as unknown[] | undefined)?.[i]))
    else if (want !== null && typeof want === 'object') for (const [key, w] of Object.entries(want)) this.learn(w, (got as Record<string, unknown> | null)?.[key])
  }
}
