import { fileTransfer, type ChatKey } from '@/state/model'
import type { State } from '@/state/store'

type Drafted = Pick<State, 'chats' | 'order' | 'drafts'>

/** Chats that are not in the list although something is written there that has not been sent; those whose name is known. */
export function draftedOnly({ chats, order, drafts }: Drafted): ChatKey[] {
  return Object.keys(drafts).filter((key) => drafts[key]?.text.trim() && !order.includes(key) && (chats[key]?.name || chats[key]?.ref.id === fileTransfer))
}
