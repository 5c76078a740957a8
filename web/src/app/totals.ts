import type { State } from '@/state/store'
import { unreadTotals } from '@/state/unread'

let last: { chats: State['chats']; totals: State['totals']; complete: boolean; unread: number } | null = null

/** Unread messages and notifications in everything that is not silenced. The sum of one state is made once. */
export function totalUnread(state: State): number {
  const { chats, totals, chatsComplete: complete } = state
  if (last?.chats === chats && last.totals === totals && last.complete === complete) return last.unread
  const { count, muted } = unreadTotals(state)
  const unread = Math.max(0, count - muted)
  last = { chats, totals, complete, unread }
  return unread
}
