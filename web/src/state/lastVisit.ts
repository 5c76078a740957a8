// The copy of the last visit that is shown until the server answers: the chat list and the ends of
// conversations.
import { compareChats } from './chatlist'
import { isLoaded } from './conversation'
import { chatRef, type Chat, type Conversation, type Message, type RememberedGroup } from './model'
import type { State } from './store'
import { unreadTotals } from './unread'

/** The chat list of the last visit. */
export interface KeptList {
  /** The chats of the list, in its order. */
  listed: Chat[]
  /** Chats that are in no list and have a name. */
  others: Chat[]
  totals: State['totals']
  /** Of the groups of the list; lists of earlier versions are without them. */
  groups?: Record<string, RememberedGroup>
}

const mostListed = 300
const mostOthers = 100
const mostMessages = 30
/** Of the messages of one conversation as JSON, UTF-16 units. */
const mostText = 100_000

/** Whether a part of the list is from the server, not from the last visit. */
export const hasAnswered = (state: State): boolean => state.chatsComplete || state.order.some((key) => state.chats[key]?.old === undefined)

/** The list as it is kept; null: the server has not told it yet. */
export function listToKeep(state: State): KeptList | null {
  if (!hasAnswered(state)) return null
  const listed = new Set(state.order.slice(0, mostListed))
  const chats = Object.values(state.chats)
  return {
    listed: [...listed].flatMap((key) => (state.chats[key] ? [plainChat(state.chats[key])] : [])),
    others: chats.filter(({ key, name }) => !listed.has(key) && name !== '').slice(-mostOthers).map(plainChat),
    totals: unreadTotals(state),
    groups: Object.fromEntries(
      [...listed].map(chatRef).flatMap(({ type, id }): [string, RememberedGroup][] => (type === 2 && state.remembered[id] ? [[id, state.remembered[id]]] : [])),
    ),
  }
}

// A shake belongs to the page that received it.
function plainChat(chat: Chat): Chat {
  const { old: _, shakenAt: _s, ...rest } = chat
  return rest
}

/** Shows the list of the last visit, unless the server has already told the list. */
export function withKeptList(state: State, kept: KeptList): State {
  if (hasAnswered(state)) return state
  const chats = Object.fromEntries([...kept.listed, ...kept.others].map((chat): [string, Chat] => [chat.key, { ...chat, old: chat.lastId }]))
  const all = { ...chats, ...state.chats }
  const keys = new Set([...state.order, ...kept.listed.map(({ key }) => key)])
  const order = [...keys].sort((a, b) => compareChats(all[a] as Chat, all[b] as Chat))
  return { ...state, chats: all, order, totals: kept.totals, remembered: { ...kept.groups, ...state.remembered } }
}

/** The messages at the end of the conversation as they are kept; null: its end is not here. */
export function endToKeep(c: Conversation): Message[] | null {
  if (!isLoaded(c) || c.hasNewer || c.gap) return null
  let size = 0
  const kept: Message[] = []
  for (const { localFile: _, ...message } of c.messages.slice(-mostMessages).toReversed()) {
    size += JSON.stringify(message).length
    if (size > mostText) break
    kept.push(message)
  }
  return kept.toReversed()
}
