import type { Conversation, Message } from '@/state/model'

/**
 * One line of the conversation. `head` and `tail` say where a run of messages of
 * one person begins and ends: its head shows the picture and the name.
 */
export type Row =
  | { kind: 'start'; key: string }
  | { kind: 'loading'; key: string }
  | { kind: 'date'; key: string; at: number }
  | { kind: 'new'; key: string }
  | { kind: 'message'; key: string; message: Message; head: boolean; tail: boolean }

/** Within this time one person's messages stand together. */
const together = 5 * 60_000

/**
 * The lines of a conversation, oldest first. Requirements:
 * 1. The key of a line is the same for the same thing whatever else is loaded, so
 *    that a list can keep its place while pages are put before and behind.
 * 2. A date stands above the first message of each day, by `dayOf`.
 * 3. The line "new messages" stands directly above its message, below the date.
 */
export function rowsOf(conversation: Conversation, dayOf: (at: number) => string): Row[] {
  const { messages, outbox, newFrom, hasOlder, hasNewer } = conversation
  const rows: Row[] = []
  if (hasOlder) rows.push({ kind: 'loading', key: 'older' })
  else if (messages.length > 0 || conversation.loading === 'none') rows.push({ kind: 'start', key: 'start' })

  let day = ''
  let last: { row: Extract<Row, { kind: 'message' }>; message: Message } | null = null
  const put = (message: Message) => {
    const today = dayOf(message.at)
    const newDay = today !== day
    if (newDay) {
      day = today
      rows.push({ kind: 'date', key: `date ${today}`, at: message.at })
    }
    const isNew = newFrom !== null && message.id === newFrom
    if (isNew) rows.push({ kind: 'new', key: 'new' })
    const head = newDay || isNew || last === null || !joins(last.message, message)
    if (!head && last) last.row.tail = false
    const row: Row = { kind: 'message', key: message.key, message, head, tail: true }
    rows.push(row)
    last = { row, message }
  }
  for (const message of messages) put(message)
  // What waits to be sent belongs behind the newest message, which is not here after a jump.
  if (hasNewer) rows.push({ kind: 'loading', key: 'newer' })
  else for (const message of outbox) put(message)
  return rows
}

function joins(before: Message, message: Message): boolean {
  if (before.kind === 'system' || message.kind === 'system' || before.withdrawn || message.withdrawn) return false
  return before.from.id === message.from.id && message.at - before.at < together
}

/** Where a message stands among the lines; -1: it is not there. */
export function indexOfMessage(rows: readonly Row[], id: string): number {
  return rows.findIndex((row) => row.kind === 'message' && row.message.id === id)
}

/** The day that stands over the line, when it has been scrolled out of sight; null: it can be seen. */
export function dateAbove(rows: readonly Row[], index: number): number | null {
  const row = rows[index]
  if (row?.kind === 'message') return row.message.at
  // Within a day stands the line of the new messages; whatever else there is has a date directly below it.
  const below = row?.kind === 'new' ? rows[index + 1] : undefined
  return below?.kind === 'message' ? below.message.at : null
}

/**
 * A first guess of a line's height in pixels, until it has been measured. The nearer
 * it is, the less the scroll bar moves while somebody scrolls through what is new.
 */
export function estimate(row: Row, width: number): number {
  switch (row.kind) {
    case 'start':
      return 96
    case 'loading':
      return 56
    case 'date':
    case 'new':
      return 40
    case 'message':
      return estimateMessage(row.message, row.head, width)
  }
}

function estimateMessage(message: Message, head: boolean, width: number): number {
  if (message.kind === 'system' || message.withdrawn) return 38
  const text = message.text ? Math.min(linesOf(message.text, textWidth(width)), 40) * 21.75 : 0
  return Math.round((head ? 36 : 4) + 16 + (message.quote ? 52 : 0) + text + bodyHeight(message))
}

/** The room for text in a bubble, as MessageRow gives it: where it is wide, there is room for the toolbar beside it. */
function textWidth(width: number): number {
  const room = Math.min(width - 32, 1024)
  return Math.min(640, width >= 576 ? room - 184 : 0.82 * room) - 24
}

const latin = 7.8
const wide = 15

function linesOf(text: string, width: number): number {
  let lines = 0
  for (const line of text.slice(0, 4000).split('\n', 41)) {
    let length = line.length * latin
    // Chinese, Japanese and Korean characters, and emoji, take twice the room.
    for (let i = 0; i < line.length; i++) if (line.charCodeAt(i) > 0x2e7f) length += wide - latin
    lines += Math.max(1, Math.ceil(length / width))
  }
  return lines
}

function bodyHeight(message: Message): number {
  switch (message.kind) {
    case 'image':
    case 'video':
      return pictureSize(message.file?.width, message.file?.height).height
    case 'card':
    case 'location':
      return 84
    case 'file':
      return 60
    case 'voice':
      return 24
    default:
      return 0
  }
}

/** The room for a picture in the conversation, known before it is loaded. */
export function pictureSize(width?: number, height?: number): { width: number; height: number } {
  const most = { width: 320, height: 280 }
  const least = 72
  if (!width || !height) return { width: 240, height: 180 }
  const scale = Math.min(1, most.width / width, most.height / height)
  return { width: Math.max(least, Math.round(width * scale)), height: Math.max(least, Math.round(height * scale)) }
}
