import type { State } from '@/state/store'

let last: { chats: State['chats']; unread: number } | null = null

/** Unread messages and notifications in everything that is not silenced. The sum of one state is made once. */
export function totalUnread({ chats }: Pick<State, 'chats'>): number {
  if (last?.chats === chats) return last.unread
  let unread = 0
  for (const chat of Object.values(chats)) if (!chat.muted) unread += chat.unread
  last = { chats, unread }
  return unread
}
