import { create } from 'zustand'
import type { Availability } from '@/wire/wire.gen'
import type { Actions } from './actions'
import type { Chat, ChatKey, Connection, Conversation, Group, Me, Pin, RememberedGroup, Shake, Typist, Unsent } from './model'

/** Everything that is shown and that more than one screen knows. */
export interface State {
  me: Me | null
  connection: Connection
  /** When the next attempt to connect begins, Unix milliseconds; null: none is waited for. */
  retryAt: number | null
  chats: Record<ChatKey, Chat>
  /** Keys of the chats in the list: on top first, then the most recent first. */
  order: ChatKey[]
  chatsComplete: boolean
  conversations: Record<ChatKey, Conversation>
  current: ChatKey | null
  /** The chat that the server has been told this tab looks at: what arrives there is read. */
  looking: ChatKey | null
  /** Unread messages as the server counts them, until all chats are here to be counted. */
  totals: { count: number; muted: number }
  groups: Record<string, Group>
  remembered: Record<string, RememberedGroup>
  /** Text not sent yet, of all devices of the account. */
  drafts: Record<ChatKey, Unsent>
  /** The latest shake of each chat, by me or by the other person. The server keeps none: those that this browser has seen. */
  shakes: Record<ChatKey, Shake>
  /** The pinned messages of the chats of which they are known, the one that was pinned last first. */
  pins: Record<ChatKey, readonly Pin[]>
  /** Those who write in a chat, the first one first; never empty. */
  typing: Record<ChatKey, readonly Typist[]>
  /** What is told about accounts that are on the screen, and about my own. */
  availability: Record<string, Availability>
  /** The latest shake that I got; each has another `at`. */
  shaken: { key: ChatKey; at: number } | null
  /**
   * Counts up when the lists of people, members or notifications may be out of date, by noun; unread and
   * chats: when a figure, or a line of the list, cannot be told from what was pushed.
   */
  stale: { people: number; requests: number; members: Record<string, number>; inboxes: Record<string, number>; unread: number; chats: number }
}

export const initialState: State = {
  me: null,
  connection: 'connecting',
  retryAt: null,
  chats: {},
  order: [],
  chatsComplete: false,
  conversations: {},
  current: null,
  looking: null,
  totals: { count: 0, muted: 0 },
  groups: {},
  remembered: {},
  drafts: {},
  shakes: {},
  pins: {},
  typing: {},
  availability: {},
  shaken: null,
  stale: { people: 0, requests: 0, members: {}, inboxes: {}, unread: 0, chats: 0 },
}

export const useStore = create<State>()(() => initialState)

let bound: Actions | null = null

/** Gives the screens their actions; called once for each signed-in session. */
export function bindActions(implementation: Actions | null): void {
  bound = implementation
}

/** The actions of the signed-in session. */
export function actions(): Actions {
  if (!bound) throw new Error('nobody is signed in')
  return bound
}
