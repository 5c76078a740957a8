import { fileTransfer, type ChatKey } from '@/state/model'
import { lastWaiting } from '@/state/outbox'
import type { State } from '@/state/store'

type Drafted = Pick<State, 'chats' | 'order' | 'drafts' | 'conversations'>

/** Chats that are not in the list although something is written there that has not been sent; those whose name is known. */
export function draftedOnly({ chats, order, drafts, conversations }: Drafted): ChatKey[] {
  const drafted = Object.keys(drafts).filter((key) => drafts[key]?.text.trim())
  const waiting = Object.keys(conversations).filter((key) => lastWaiting(conversations[key]))
  const keys = [...new Set([...drafted, ...waiting])]
  return keys.filter((key) => !order.includes(key) && (chats[key]?.name || chats[key]?.ref.id === fileTransfer))
}
