import { isInbox, type Chat, type ChatKey } from '@/state/model'
import type { ListState } from './neighbour'

export const filters = ['all', 'unread', 'mentions', 'people', 'groups', 'inboxes'] as const
export type Filter = (typeof filters)[number]

/**
 * The chats to show, in the list's order. The chat that is open stays in the list
 * of unread ones though reading it has ended its being unread: it would vanish under the reader's hand.
 */
export function shownChats(
  { chats, order, current }: ListState,
  filter: Filter,
  text: string,
  titleOf: (chat: Chat) => string = (chat) => chat.name,
): ChatKey[] {
  const wanted = foldSought(text)
  if (filter === 'all' && !wanted) return order
  return order.filter((key) => {
    const chat = chats[key]
    if (!chat || (wanted && !fold(titleOf(chat)).includes(wanted))) return false
    return fits(chat, filter) || (key === current && (filter === 'unread' || filter === 'mentions'))
  })
}

function fits(chat: Chat, filter: Filter): boolean {
  switch (filter) {
    case 'all':
      return true
    case 'unread':
      return chat.unread > 0 || chat.weakUnread > 0
    case 'mentions':
      return chat.mentions.length > 0
    case 'people':
      return chat.ref.type === 1
    case 'groups':
      return chat.ref.type === 2
    case 'inboxes':
      return isInbox(chat.ref.type)
  }
}

/** The text of a search field for comparing with names. As in a search, quotation marks stand around a phrase and are not part of it. */
export const foldSought = (text: string): string => fold(text.trim().replace(/^(?:"(.+)"|“(.+)”|「(.+)」|『(.+)』)$/, '$1$2$3$4'))

/** For comparing: without case, accents and the width of characters. */
export const fold = (text: string): string => text.trim().normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
