import { isListed, newChat } from '@/state/chatlist'
import { chatRef, isInbox } from '@/state/model'
import type { State } from '@/state/store'

/** What a person sees of it, without what only this device knows. */
export function shown(state: State): object {
  const chats = state.order.map((key) => {
    const { ledger: _, after: _after, ...chat } = state.chats[key] ?? newChat(key)
    // Who has left is not told of what the group is called and looks like later.
    return chat.active ? chat : { ...chat, name: '', avatar: '', muted: false, isPost: false }
  })
  const messages = Object.fromEntries(
    Object.entries(state.conversations)
      .filter(([key]) => !isInbox(chatRef(key).type))
      .map(([key, c]) => [key, c.messages.map((m) => ({ ...m, key: '' }))]),
  )
  return { chats, messages, unlisted: Object.keys(state.chats).filter((key) => !isListed(state, key) && (state.chats[key]?.unread ?? 0) > 0) }
}
