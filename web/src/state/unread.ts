// The unread messages, by the rule of the server: messages after my cursor that are not system messages, not withdrawn
// and not mine. The server's figure of a chat counts up to one message (ledger.upTo). Later messages are counted here by
// their ids, so that one that arrives twice, or is in a new figure, counts once.
import { isNewer } from './id'
import { isInbox, type Chat, type ChatKey, type Conversation, type Message } from './model'
import type { State } from './store'

/** Whether a message can be unread at all. */
export const counts = (m: Message): boolean => !m.mine && m.system === 0 && !m.withdrawn

/** Counts a message that has arrived. */
export function countMessage(chat: Chat, m: Message): Chat {
  const { upTo, ids } = ledgerOf(chat)
  if (!m.id || !counts(m) || !isNewer(m.id, upTo) || ids.includes(m.id)) return chat
  return { ...chat, unread: chat.unread + 1, ledger: { upTo, ids: [...ids, m.id] } }
}

/** Nothing is unread, up to and with the newest message known, and a shake and a reaction have been seen. */
export function readAll(chat: Chat): Chat {
  if (!chat.shakenAt && !chat.reaction) return countNone(chat)
  const { shakenAt: _, reaction: _r, ...rest } = chat
  return countNone(rest)
}

/** As readAll, but a shake stays: the server's figures do not tell whether it was seen. */
function countNone(chat: Chat): Chat {
  if (!chat.unread && !chat.weakUnread && !chat.mentions.length && !chat.ledger?.ids.length) return chat
  return { ...chat, unread: 0, weakUnread: 0, mentions: [], ledger: { upTo: newest(chat), ids: [] } }
}

/** The message is read as it arrives. */
export function readThis(chat: Chat, m: Message): Chat {
  const ledger = ledgerOf(chat)
  return m.id && isNewer(m.id, ledger.upTo) ? { ...chat, ledger: { ...ledger, upTo: m.id } } : chat
}

/**
 * The server's figure, with what has arrived since. `now` has what is known here, `row` is what the server says,
 * which holds up to and with row.lastId.
 */
export function recount(now: Chat | undefined, row: Chat): Pick<Chat, 'unread' | 'ledger'> {
  const ids = now ? ledgerOf(now).ids.filter((id) => isNewer(id, row.lastId)) : []
  return { unread: row.unread + ids.length, ledger: { upTo: row.lastId, ids } }
}

/**
 * A message is withdrawn: it no longer counts. doubt: it is not known here whether it did, and the server has to be
 * asked.
 */
export function uncount(chat: Chat, id: string, mine: boolean): { chat: Chat; doubt: boolean } {
  const { upTo, ids } = ledgerOf(chat)
  const mentions = chat.mentions.includes(id) ? chat.mentions.filter((m) => m !== id) : chat.mentions
  if (ids.includes(id)) return { chat: { ...chat, mentions, unread: chat.unread - 1, ledger: { upTo, ids: ids.filter((i) => i !== id) } }, doubt: false }
  return { chat: mentions === chat.mentions ? chat : { ...chat, mentions }, doubt: !mine && chat.unread > ids.length }
}

/**
 * Somebody mentions me; only what is unread is marked. doubt: it is not known here whether that message is.
 */
export function mention(chat: Chat, id: string): { chat: Chat; doubt: boolean } {
  const { upTo, ids } = ledgerOf(chat)
  const counted = ids.includes(id)
  const read = !counted && !isNewer(id, upTo) && chat.unread === ids.length
  if (read || chat.mentions.includes(id)) return { chat, doubt: false }
  return { chat: { ...chat, mentions: [...chat.mentions, id].sort((a, b) => (isNewer(a, b) ? -1 : 1)) }, doubt: !counted }
}

/** Everything that is unread, and the part of it in muted chats. Weak notifications do not count. */
export function unreadTotals(state: State): { count: number; muted: number } {
  if (!state.chatsComplete) return state.totals
  let count = 0
  let muted = 0
  for (const chat of Object.values(state.chats)) {
    count += chat.unread
    if (chat.muted) muted += chat.unread
  }
  return { count, muted }
}

/** The first message that is unread, when `unread` of them are; null: it is not among these. */
export function firstUnread(messages: readonly Message[], unread: number): string | null {
  let left = unread
  for (let i = messages.length - 1; i >= 0 && left > 0; i--) {
    const m = messages[i]
    if (m && counts(m) && --left === 0) return m.id
  }
  return null
}

/** A message, and when it was sent, Unix milliseconds. */
export interface Place {
  id: string
  at?: number | undefined
}

/**
 * The first message that is unread once everything up to and with message `read` is. If it is not in the stretch, the
 * message `read` itself stands for it; null: nothing is unread.
 */
export function firstAfter({ messages, hasNewer }: Conversation, read: string): Place | null {
  const index = messages.findIndex((m) => m.id === read)
  const next = index < 0 ? undefined : messages.slice(index + 1).find(counts)
  if (next?.id) return { id: next.id, at: next.at }
  return hasNewer ? { id: read, at: messages[index]?.at } : null
}

/** What the server says of a chat with unread messages. */
export interface Figure {
  unread: number
  /** The latest unread message that mentions me. */
  mention: string | null
}

/** What the server says of all of them; chats that it does not name have none. `spared` keep what they have. */
export function setFigures(state: State, figures: ReadonlyMap<ChatKey, Figure>, spared: ReadonlySet<ChatKey>): State {
  let chats: State['chats'] | null = null
  for (const chat of Object.values(state.chats)) {
    if (isInbox(chat.ref.type) || spared.has(chat.key)) continue
    const next = setFigure(chat, figures.get(chat.key) ?? { unread: 0, mention: null })
    if (next === chat) continue
    chats ??= { ...state.chats }
    chats[chat.key] = next
  }
  return chats ? { ...state, chats } : state
}

/** Takes over the server's figure of one chat. It counts every message that is known here. */
export function setFigure(chat: Chat, { unread, mention: latest }: Figure): Chat {
  if (unread === 0) return countNone(chat)
  const mentions = latest === null ? [] : chat.mentions.includes(latest) ? chat.mentions : [latest, ...chat.mentions]
  if (chat.unread === unread && chat.mentions.length === mentions.length) return chat
  return { ...chat, unread, mentions, ledger: { upTo: newest(chat), ids: [] } }
}

/**
 * The server's figure after the chat was read up to and with message `readId`. It counts up to and with message
 * `lastId`; what is known here and newer is added. doubt: what is known here is a later figure.
 */
export function readUpTo(chat: Chat, { unread, mention: latest }: Figure, readId: string, lastId: string): { chat: Chat; doubt: boolean } {
  const { upTo, ids } = ledgerOf(chat)
  if (isNewer(upTo, lastId)) return { chat, doubt: true }
  const since = ids.filter((id) => isNewer(id, lastId))
  const left = chat.mentions.filter((id) => isNewer(id, latest === null ? lastId : readId))
  const mentions = latest === null || left.includes(latest) ? left : [...left, latest].sort((a, b) => (isNewer(a, b) ? -1 : 1))
  return { chat: { ...chat, unread: unread + since.length, mentions, ledger: { upTo: lastId, ids: since } }, doubt: false }
}

/**
 * The server's figure after messages were marked as unread. It counts up to and with message `lastId`; what is known here
 * and newer is added. doubt: what is known here is a later figure.
 */
export function unreadAgain(chat: Chat, { unread, mention: latest }: Figure, lastId: string): { chat: Chat; doubt: boolean } {
  const { upTo, ids } = ledgerOf(chat)
  if (isNewer(upTo, lastId)) return { chat, doubt: true }
  const since = ids.filter((id) => isNewer(id, lastId))
  const mentions = latest === null || chat.mentions.includes(latest) ? chat.mentions : [...chat.mentions, latest].sort((a, b) => (isNewer(a, b) ? -1 : 1))
  return { chat: { ...chat, unread: unread + since.length, mentions, ledger: { upTo: lastId, ids: since } }, doubt: false }
}

/** The first message from `id` on that can be unread; null: there is none here. */
export const firstFrom = (messages: readonly Message[], id: string): string | null => messages.find((m) => counts(m) && m.id !== null && !isNewer(id, m.id))?.id ?? null

/** Whether the reader sees the end of the chat as it is. */
export const atEnd = (c: Conversation | undefined): boolean => c !== undefined && !c.away && !c.hasNewer && !c.old

const ledgerOf = (chat: Chat): NonNullable<Chat['ledger']> => chat.ledger ?? { upTo: chat.lastId, ids: [] }

function newest(chat: Chat): string {
  const { upTo, ids } = ledgerOf(chat)
  return ids.reduce((a, b) => (isNewer(b, a) ? b : a), isNewer(chat.lastId, upTo) ? chat.lastId : upTo)
}
