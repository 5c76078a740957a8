import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { fileTransfer, isInbox, type Chat } from '@/state/model'

/** The name a chat goes by in the user's language: inboxes and the chat between one's own devices have none of their own. */
export function useChatTitle(): (chat: Pick<Chat, 'ref' | 'name'>) => string {
  const { t } = useTranslation(['inbox', 'shell'])
  return useCallback(
    ({ ref, name }) => {
      if (isInbox(ref.type)) return t(`inbox:names.${ref.id}`, { defaultValue: name || ref.id })
      return ref.type === 1 && ref.id === fileTransfer ? t('shell:myDevices') : name
    },
    [t],
  )
}
