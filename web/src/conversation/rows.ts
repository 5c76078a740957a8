import { mediaAddress } from '@/app/address'
import { albumColumns, pictureSize } from '@/message/pictures'
import { isNewer } from '@/state/id'
import type { Conversation, Message, Shake } from '@/state/model'

/**
 * One line of the conversation. `head` and `tail` say where a run of messages of
 * one person begins and ends: its head shows the picture and the name.
 */
export type Row =
  | { kind: 'start'; key: string }
  | { kind: 'loading'; key: string }
  | { kind: 'date'; key: string; at: number }
  | { kind: 'new'; key: string }
  | { kind: 'shake'; key: string; shake: Shake }
  | MessageRow

/** A message, or an album: several pictures in a row, of which `message` is the last and `key` is that of the first. */
interface MessageRow {
  kind: 'message'
  key: string
  message: Message
  head: boolean
  tail: boolean
  album?: readonly Message[]
}

/** Within this time one person's messages stand together. */
const together = 5 * 60_000

/**
 * The lines of a conversation, oldest first. Requirements:
 * 1. The key of a line is the same for the same thing whatever else is loaded, so
 *    that a list can keep its place while pages are put before and behind.
 * 2. A date stands above the first message of each day, by `dayOf`.
 * 3. The line "new messages" stands directly above its message, below the date.
 * 4. Two to nine pictures of one person within a minute of each other are one album. The last of them may have a
 *    caption, which ends the album. An album that reaches over the first message that is loaded gets another key when
 *    the page before it comes.
 * 5. A shake stands behind the last message before it, if that is here.
 * 6. What waits to be sent comes last. If newer messages are not loaded, the line "newer" is between them and it.
 */
export function rowsOf(conversation: Conversation, dayOf: (at: number) => string, shake?: Shake): Row[] {
  const { messages, outbox, newFrom, hasOlder, hasNewer } = conversation
  const rows: Row[] = []
  if (hasOlder) rows.push({ kind: 'loading', key: 'older' })
  else if (messages.length > 0 || conversation.loading === 'none') rows.push({ kind: 'start', key: 'start' })

  let day = ''
  let last: { row: MessageRow; message: Message } | null = null
  const put = (message: Message) => {
    const today = dayOf(message.at)
    const newDay = today !== day
    if (newDay) {
      day = today
      rows.push({ kind: 'date', key: `date ${today}`, at: message.at })
    }
    const isNew = newFrom !== null && message.id === newFrom
    if (isNew) rows.push({ kind: 'new', key: 'new' })
    if (last && !newDay && !isNew && sameAlbum(last.row, message)) {
      last.row.album = [...picturesOf(last.row), message]
      last.row.message = last.message = message
      return
    }
    const head = newDay || isNew || last === null || !joins(last.message, message)
    if (!head && last) last.row.tail = false
    const row: MessageRow = { kind: 'message', key: message.key, message, head, tail: true }
    rows.push(row)
    last = { row, message }
  }
  const [first] = messages
  let shaken = shake !== undefined && (!hasOlder || (first?.id != null && !isNewer(first.id, shake.after))) ? shake : undefined
  const putShake = () => {
    if (!shaken) return
    rows.push({ kind: 'shake', key: 'shake', shake: shaken })
    last = null
    shaken = undefined
  }
  for (const message of messages) {
    if (shaken && message.id && isNewer(message.id, shaken.after)) putShake()
    put(message)
  }
  if (!hasNewer) putShake()
  if (hasNewer && messages.length > 0) {
    rows.push({ kind: 'loading', key: 'newer' })
    last = null
  }
  for (const message of outbox) put(message)
  return rows
}

function joins(before: Message, message: Message): boolean {
  if (before.kind === 'system' || message.kind === 'system' || before.withdrawn || message.withdrawn) return false
  return before.from.id === message.from.id && message.at - before.at < together
}

const atOnce = 60_000
const mostInAlbum = 9

function sameAlbum(row: MessageRow, next: Message): boolean {
  const { message } = row
  return (
    isPicture(message) &&
    !message.text &&
    isPicture(next) &&
    message.from.id === next.from.id &&
    next.at - message.at < atOnce &&
    picturesOf(row).length < mostInAlbum
  )
}

/** Whether the message is a picture that is shown in the conversation; a picture of another site is a link. */
function isPicture({ kind, file, quote, withdrawn, localFile }: Message): boolean {
  if (kind !== 'image' || !file || file.isEmotion || quote || withdrawn) return false
  return !!localFile || !file.url || mediaAddress(file.url) !== null
}

const picturesOf = (row: MessageRow): readonly Message[] => row.album ?? [row.message]

/** The message of a line, or of its album, that the test is true for. */
export const findIn = (row: Row | undefined, test: (message: Message) => boolean): Message | undefined => (row?.kind === 'message' ? picturesOf(row).find(test) : undefined)

/** Where a message stands among the lines; -1: it is not there. */
export function indexOfMessage(rows: readonly Row[], id: string): number {
  return rows.findIndex((row) => findIn(row, (message) => message.id === id))
}

/** The line of the message with that key; -1: it is not there. */
export function indexOfKey(rows: readonly Row[], key: string): number {
  return rows.findIndex((row) => findIn(row, (message) => message.key === key))
}

/** A key by which a line is found again, also when other messages have joined its album. */
export const anchorOf = (row: Row): string => (row.kind === 'message' ? row.message.key : row.key)

/** The line with that anchor; -1: it is not there. */
export function indexOfAnchor(rows: readonly Row[], anchor: string): number {
  return rows.findIndex((row) => (row.kind === 'message' ? findIn(row, (message) => message.key === anchor) : row.key === anchor))
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
    case 'shake':
      return 40
    case 'message':
      return row.album ? (row.head ? 36 : 4) + albumHeight(row.album.length, row.message.text, width) : estimateMessage(row.message, row.head, width)
  }
}

function estimateMessage(message: Message, head: boolean, width: number): number {
  if (message.kind === 'system' || message.withdrawn) return 38
  return Math.round((head ? 36 : 4) + 16 + (message.quote ? 52 : 0) + textHeight(message.text, textWidth(width)) + bodyHeight(message))
}

const textHeight = (text: string, width: number): number => (text ? Math.min(linesOf(text, width), 40) * 21.75 : 0)

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

/** All pictures of an album are squares, so that its height is known before any of them is loaded. */
function albumHeight(count: number, caption: string, width: number): number {
  const columns = albumColumns(count)
  const lines = Math.ceil(count / columns)
  const room = Math.min(320, textWidth(width) + (caption ? 0 : 24))
  const side = (room - (columns - 1) * 4) / columns
  // The bubble of a caption has padding, and a gap below the pictures.
  return Math.round(lines * side + (lines - 1) * 4 + (caption ? 24 + textHeight(caption, room) : 0))
}
