import type { State } from '@/state/store'

type Counted = Pick<State, 'chats' | 'chatsComplete' | 'totals'>

let last: { chats: State['chats']; unread: number } | null = null

/**
 * Unread messages and notifications in everything that is not silenced: as the server counts them until
 * all chats are here, then as they are shown. The sum of one state is made once.
 */
export function totalUnread({ chats, chatsComplete, totals }: Counted): number {
  if (!chatsComplete) return Math.max(0, totals.count - totals.muted)
  if (last?.chats === chats) return last.unread
  let unread = 0
  for (const chat of Object.values(chats)) if (!chat.muted) unread += chat.unread
  last = { chats, unread }
  return unread
}
