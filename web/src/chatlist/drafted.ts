import { fileTransfer, isThreadDraft, type ChatKey } from '@/state/model'
import { lastSending } from '@/state/outbox'
import type { State } from '@/state/store'

type Drafted = Pick<State, 'chats' | 'order' | 'drafts' | 'conversations'>

/** Chats that are not in the list although something is written there that has not been sent; those whose name is known. */
export function draftedOnly({ chats, order, drafts, conversations }: Drafted): ChatKey[] {
  const drafted = Object.keys(drafts).filter((key) => !isThreadDraft(key) && drafts[key]?.text.trim())
  const unsent = Object.keys(conversations).filter((key) => lastSending(conversations[key], 'waiting', 'uploading', 'failed'))
  const keys = [...new Set([...drafted, ...unsent])]
  return keys.filter((key) => !order.includes(key) && (chats[key]?.name || chats[key]?.ref.id === fileTransfer))
}
