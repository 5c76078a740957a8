// The list of chats: its lines, and their order.
import { compareIds, isNewer } from './id'
import { previewOf } from './from-wire'
import { chatKey, chatRef, isInbox, type Chat, type ChatKey, type Message } from './model'
import { countMessage, readThis, recount } from './unread'
import type { State } from './store'

/** What a message tells of its chat beside itself. */
export interface Face {
  name?: string
  avatar?: string
  muted?: boolean
}

/** The line of a chat that is not known yet. */
export function newChat(key: ChatKey, face: Face = {}): Chat {
  const ref = chatRef(key)
  return {
    key,
    ref,
    name: face.name ?? '',
    avatar: face.avatar ?? '',
    preview: { text: '', from: { id: '', name: '' }, kind: null, withdrawn: false },
    lastId: '',
    after: '',
    at: 0,
    unread: 0,
    weakUnread: 0,
    muted: face.muted ?? false,
    mentions: [],
    topAt: 0,
    active: true,
    isPost: false,
    ledger: { upTo: '', ids: [] },
  }
}

/** On top first, then what arrived last. Times do not decide: the server's clock may have been wrong. */
export const compareChats = (a: Chat, b: Chat): number =>
  Number(b.topAt > 0) - Number(a.topAt > 0) ||
  compareIds(b.after, a.after) ||
  Number(isInbox(b.ref.type)) - Number(isInbox(a.ref.type)) ||
  compareIds(b.lastId, a.lastId)

/** The newest message of all chats, behind which stands what arrives now. */
export const newestId = (state: State): string => Object.values(state.chats).reduce((newest, { after }) => (isNewer(after, newest) ? after : newest), '')

export const isListed = (state: State, key: ChatKey): boolean => state.order.includes(key)

/** Puts the chat, as it is now, where it belongs; with list: true also when it was in no list. */
export function putChat(state: State, chat: Chat, list: boolean): State {
  const before = state.chats[chat.key]
  if (before === chat && !list) return state
  const chats = before === chat ? state.chats : { ...state.chats, [chat.key]: chat }
  const at = state.order.indexOf(chat.key)
  if (at < 0 && !list) return { ...state, chats }
  if (at >= 0 && before && compareChats(before, chat) === 0) return { ...state, chats }
  const order = at < 0 ? [...state.order] : state.order.toSpliced(at, 1)
  order.splice(placeOf(order, chats, chat), 0, chat.key)
  return { ...state, chats, order }
}

/** Changes a chat that is known; an unknown one needs none. */
export function changeChat(state: State, key: ChatKey, change: (chat: Chat) => Chat): State {
  const chat = state.chats[key]
  return chat ? putChat(state, change(chat), false) : state
}

/** Makes a chat known that may be in no list. */
export function ensured(state: State, key: ChatKey, name: string, avatar: string): State {
  const known = state.chats[key]
  if (!known) return putChat(state, newChat(key, { name, avatar }), false)
  const { old, ...chat } = known
  return known.name && old === undefined ? state : putChat(state, { ...chat, name, avatar }, false)
}

export function takeOffList(state: State, key: ChatKey): State {
  const at = state.order.indexOf(key)
  return at < 0 ? state : { ...state, order: state.order.toSpliced(at, 1) }
}

/** A message that has arrived, or that was sent from here, and what follows for the list. */
export function messageInList(state: State, m: Message, face: Face): State {
  const known = state.chats[m.chat]
  let chat: Chat = known ?? newChat(m.chat)
  if ((face.name !== undefined && face.name !== chat.name) || (face.avatar !== undefined && face.avatar !== chat.avatar) || (face.muted !== undefined && face.muted !== chat.muted))
    chat = { ...chat, ...face }
  if (m.id && isNewer(m.id, chat.lastId)) chat = { ...chat, lastId: m.id, after: m.id, at: m.at, preview: previewOf(m) }
  chat = state.looking === m.chat ? readThis(chat, m) : countMessage(chat, m)
  // A chat that only its message makes known has more to it than the message tells.
  const after = known ? state : doubtful(state, 'chats')
  return putChat(after, chat, true)
}

/** A page of the chat list as the server has it. What is newer here stays. */
export function putRows(state: State, rows: readonly Chat[]): State {
  const chats = { ...state.chats }
  const order = [...state.order]
  for (const row of rows) {
    const now = chats[row.key]
    const next = merge(now, row)
    const at = now ? order.indexOf(row.key) : -1
    chats[row.key] = next
    if (at >= 0 && now && compareChats(now, next) === 0) continue
    if (at >= 0) order.splice(at, 1)
    order.splice(placeOf(order, chats, next), 0, row.key)
  }
  return { ...state, chats, order }
}

function merge(now: Chat | undefined, row: Chat): Chat {
  // In a line of the last visit only what has arrived since is newer than the server's.
  if (!now || now.old === now.lastId) return row
  const ahead = isNewer(now.lastId, row.lastId)
  const kept = ahead ? { lastId: now.lastId, after: now.after, at: now.at, preview: now.preview } : {}
  // Of an inbox what is newer than the row is counted without ids.
  const figures = ahead && isInbox(row.ref.type) ? { unread: now.unread, weakUnread: now.weakUnread, ledger: now.ledger } : recount(now, row)
  const mentions = ahead ? [...now.mentions.filter((id) => isNewer(id, row.lastId)), ...row.mentions] : row.mentions
  const next: Chat = { ...row, ...kept, mentions, ...figures, ...(now.shakenAt && { shakenAt: now.shakenAt }) } as Chat
  return sameChat(now, next) ? now : next
}

// A line that says the same is the same object, and is not drawn again.
const sameChat = (a: Chat, b: Chat): boolean => JSON.stringify({ ...a, ref: 0 }) === JSON.stringify({ ...b, ref: 0 })

function placeOf(order: readonly ChatKey[], chats: State['chats'], chat: Chat): number {
  let low = 0
  let high = order.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = chats[order[middle] as ChatKey]
    if (other && compareChats(other, chat) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** Says that the server has to be asked: what was pushed does not tell. */
export const doubtful = (state: State, what: 'unread' | 'chats' | 'people' | 'requests'): State => ({
  ...state,
  stale: { ...state.stale, [what]: state.stale[what] + 1 },
})

export const groupChat = (gid: string): ChatKey => chatKey(2, gid)
