// A message with its replies, beside the conversation.
import { loadedNow, loading as begun, newConversation, putMessages, putStretch } from './conversation'
import type { ChatKey, Conversation, Message, Thread } from './model'
import type { State } from './store'

const isReply = ({ quote }: Message, { id }: Thread): boolean => quote?.id === id

/** The message that is answered; undefined while it is not known. */
export const rootOf = ({ id, list }: Thread): Message | undefined => list.messages.find((m) => m.id === id)

/** The loaded replies, including those that were withdrawn later, oldest first. */
export const repliesFrom = (thread: Thread): Message[] => thread.list.messages.filter((m) => isReply(m, thread))

/** The replies that are shown, oldest first. */
export const repliesOf = (thread: Thread): Message[] => repliesFrom(thread).filter((m) => !m.withdrawn)

/** Opens the thread of a message. The message is shown at once if the conversation has it. */
export function threadOpened(state: State, chat: ChatKey, id: string): State {
  if (state.thread?.chat === chat && state.thread.id === id) return state
  const messages = (state.conversations[chat]?.messages ?? []).filter((m) => m.id === id)
  return { ...state, thread: { chat, id, list: { ...newConversation(chat), messages } } }
}

export const threadClosed = (state: State): State => (state.thread ? { ...state, thread: null } : state)

/** A request for a part of the thread begins. Replies that arrive before its answer are added to the answer. */
export const threadLoading = (state: State, loading: 'first' | 'older'): State =>
  changeThread(state, (list) => ({ ...begun(list, loading), error: null, ...(loading === 'first' && { ahead: [] }) }))

/** The request was refused, or had no answer. `null`: the connection is lost. */
export const threadFailed = (state: State, error: string | null): State => changeThread(state, (list) => ({ ...loadedNow(list), error }))

/** Replaces the thread by the message and its last replies. `ends`: there are no replies before them. */
export const putThread = (state: State, root: Message, replies: readonly Message[], ends: boolean): State =>
  changeThread(state, (list) => loadedNow(putStretch(list, [root, ...replies], { older: !ends, newer: false })))

/** Adds replies before the loaded ones. */
export const putOlderReplies = (state: State, replies: readonly Message[], ends: boolean): State =>
  changeThread(state, (list) => loadedNow(putMessages({ ...list, hasOlder: !ends, error: null }, replies)))

/** Adds a message that has arrived, or that was sent from here and is acknowledged, if it is a reply of the thread. */
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
