import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { plain } from '@/lib/plain'
import { fileTransfer, isInbox, type Chat } from '@/state/model'

export type Texts = (key: string, values?: Record<string, unknown>) => string
type Named = Pick<Chat, 'ref' | 'name'>

/** The name a chat goes by in the user's language: inboxes and the chat between one's own devices have none of their own. */
export function useChatTitle(): (chat: Named) => string {
  const { t } = useTranslation(['inbox', 'shell'])
  return useCallback((chat) => chatTitle(chat, t), [t])
}

/** The same for who has the texts already. */
export function chatTitle({ ref, name }: Named, t: Texts): string {
  if (isInbox(ref.type)) return t(`inbox:names.${ref.id}`, { defaultValue: name || ref.id })
  return ref.type === 1 && ref.id === fileTransfer ? t('shell:myDevices') : plain(name)
}
