import { useTranslation } from 'react-i18next'
import { useLimits } from '@/conversation/useConversation'
import { fullTime } from '@/lib/time'
import { onDemand } from '@/ui/onDemand'
import { Popover } from '@/ui/Popover'
import type { Message } from '@/state/model'

const Revisions = onDemand<{ message: Message }>(() => import('./Revisions'))

/** Shows that the text was edited, and opens the former texts. */
export function EditedMark({ message }: { message: Message }) {
  const { t, i18n } = useTranslation('message')
  const hidden = useLimits()?.hideRevisions && !message.mine
  if (!message.edited) return null
  const when = fullTime(message.edited, i18n.language)
  if (hidden) {
    return (
      <span title={t('editedAt', { time: when })} className="mt-0.5 block text-xs text-muted">
        {t('edited')}
      </span>
    )
  }
  return (
    <Popover
      label={t('formerTexts')}
      className="w-80"
      trigger={
        <button type="button" title={t('editedAt', { time: when })} className="mt-0.5 block text-xs text-muted hover:underline">
          {t('edited')}
        </button>
      }
    >
      <Revisions message={message} />
    </Popover>
  )
}
