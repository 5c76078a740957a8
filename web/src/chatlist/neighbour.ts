import type { ChatKey } from '@/state/model'
import type { State } from '@/state/store'

/** The list, and which of it is open. */
export type ListState = Pick<State, 'chats' | 'order'> & { current: ChatKey | null }

/**
 * The chat that stands next to the current one in the list, upwards (-1) or downwards (1), or the
 * next of those with unread messages that are not silenced; that search goes round. null: there is none.
 */
export function neighbour({ chats, order, current }: ListState, step: 1 | -1, unreadOnly: boolean): ChatKey | null {
  const at = current === null ? -1 : order.indexOf(current)
  if (!unreadOnly) return order[at === -1 ? (step === 1 ? 0 : order.length - 1) : at + step] ?? null
  const begin = at === -1 && step === -1 ? 0 : at
  for (let i = 1; i <= order.length; i++) {
    const key = order[(begin + step * i + order.length * 2) % order.length]
    const chat = key === undefined ? undefined : chats[key]
    if (key !== undefined && key !== current && chat && (chat.mentions.length > 0 || (chat.unread > 0 && !chat.muted))) return key
  }
  return null
}
