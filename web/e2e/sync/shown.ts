import { isListed, newChat } from '@/state/chatlist'
import { chatRef, isInbox, type ChatKey, type Message } from '@/state/model'
import type { State } from '@/state/store'
import { repliesOf, rootOf } from '@/state/thread'

/** The read marks of a chat. Only devices that look at it are told them. */
export const marksIn = (state: State, key: ChatKey): string[] =>
  (state.conversations[key]?.messages ?? []).flatMap(({ id, mark }) => (mark && mark.of > 0 ? [`${id}: ${mark.read} of ${mark.of}`] : []))

function withoutMark(m: Message): object {
  const { mark: _, ...rest } = m
  return { ...rest, key: '' }
}

/** The thread that is open: the message, and its replies. */
export const threadIn = ({ thread }: State): object | null => thread && { root: withoutMark(rootOf(thread)!), replies: repliesOf(thread).map(withoutMark) }

/**
 * The part of the state that every device of a person shows. A shake is not part of it: the server stores none, so only
 * the devices that it reached mark the chat, and list it if it was not listed.
 */
export function shown(state: State): object {
  const listed = state.order.filter((key) => state.chats[key]?.shakenAt === undefined || state.chats[key]?.lastId)
  const chats = listed.map((key) => {
    const { ledger: _, after: _after, shakenAt: _shaken, ...chat } = state.chats[key] ?? newChat(key)
    // A person who has left a group is not told its later name and picture.
    return chat.active ? chat : { ...chat, name: '', avatar: '', muted: false, isPost: false }
  })
  const messages = Object.fromEntries(
    Object.entries(state.conversations)
      .filter(([key]) => !isInbox(chatRef(key).type))
      .map(([key, c]) => [key, c.messages.map(withoutMark)]),
  )
  const pins = Object.fromEntries(Object.entries(state.pins).filter(([, of]) => of.length > 0))
  return { chats, messages, pins, unlisted: Object.keys(state.chats).filter((key) => !isListed(state, key) && (state.chats[key]?.unread ?? 0) > 0) }
}
