import { create } from 'zustand'
import type { Actions } from './actions'
import type { Chat, ChatKey, Connection, Conversation, Group, Me } from './model'

/** Everything that is shown and that more than one screen knows. */
export interface State {
  me: Me | null
  connection: Connection
  /** When the next attempt to connect begins, Unix milliseconds; null: none is waited for. */
  retryAt: number | null
  /** Minutes by which the server's zone is ahead of UTC are not needed: every time is Unix milliseconds. */
  chats: Record<ChatKey, Chat>
  /** Keys of the chats in the list: on top first, then the most recent first. */
  order: ChatKey[]
  chatsComplete: boolean
  conversations: Record<ChatKey, Conversation>
  current: ChatKey | null
  groups: Record<string, Group>
  /** Text not sent yet, of this device. */
  drafts: Record<ChatKey, string>
  /** The latest shake that I got; each has another `at`. */
  shaken: { key: ChatKey; at: number } | null
  /** Counts up when the lists of people, members or notifications may be out of date, by noun. */
  stale: { people: number; requests: number; members: Record<string, number>; inboxes: Record<string, number> }
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
  groups: {},
  drafts: {},
  shaken: null,
  stale: { people: 0, requests: 0, members: {}, inboxes: {} },
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
