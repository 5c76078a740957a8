// A message with its replies, beside the conversation.
import { loadedNow, loading as begun, newConversation, putMessages, putStretch } from './conversation'
import type { ChatKey, Conversation, Message, Thread } from './model'
import type { State } from './store'

const isReply = ({ quote }: Message, { id }: Thread): boolean => quote?.id === id

/** The message that is answered; undefined while it is not known. */
export const rootOf = ({ id, list }: Thread): Message | undefined => list.messages.find((m) => m.id === id)

/** The replies that are here, also those that were withdrawn since, oldest first. */
export const repliesFrom = (thread: Thread): Message[] => thread.list.messages.filter((m) => isReply(m, thread))

/** The replies that are shown, oldest first. */
export const repliesOf = (thread: Thread): Message[] => repliesFrom(thread).filter((m) => !m.withdrawn)

/** The thread of a message is open. What is known of it already is shown until the server tells it. */
export function threadOpened(state: State, chat: ChatKey, id: string): State {
  if (state.thread?.chat === chat && state.thread.id === id) return state
  const messages = (state.conversations[chat]?.messages ?? []).filter((m) => m.id === id)
  return { ...state, thread: { chat, id, list: { ...newConversation(chat), messages } } }
}

export const threadClosed = (state: State): State => (state.thread ? { ...state, thread: null } : state)

/** A request for a part of the thread begins; what arrives until its end belongs behind its answer. */
export const threadLoading = (state: State, loading: 'first' | 'older'): State =>
  changeThread(state, (list) => ({ ...begun(list, loading), error: null, ...(loading === 'first' && { ahead: [] }) }))

/** It was refused, or there was no answer; `null`: the connection is lost. */
export const threadFailed = (state: State, error: string | null): State => changeThread(state, (list) => ({ ...loadedNow(list), error }))

/** The message and its last replies, in place of those that are here. `ends`: there are none before them. */
export const putThread = (state: State, root: Message, replies: readonly Message[], ends: boolean): State =>
  changeThread(state, (list) => loadedNow(putStretch(list, [root, ...replies], { older: !ends, newer: false })))

/** Replies before those that are here. */
export const putOlderReplies = (state: State, replies: readonly Message[], ends: boolean): State =>
  changeThread(state, (list) => loadedNow(putMessages({ ...list, hasOlder: !ends, error: null }, replies)))

/** A message has arrived, or was sent from here and is acknowledged. */
export function messageInThread(state: State, m: Message): State {
  const { thread } = state
  if (thread?.chat !== m.chat || !m.id || !isReply(m, thread)) return state
  return changeThread(state, (list) => putMessages({ ...list, ...(list.ahead && { ahead: [...list.ahead.filter((a) => a.id !== m.id), m] }) }, [m]))
}

function changeThread(state: State, change: (list: Conversation) => Conversation): State {
  const { thread } = state
  if (!thread) return state
  const list = change(thread.list)
  return list === thread.list ? state : { ...state, thread: { ...thread, list } }
}
