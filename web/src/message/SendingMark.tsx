import { CircleAlert, Clock } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { refusal } from '@/lib/refusal'
import type { Message } from '@/state/model'
import { actions } from '@/state/store'
import { Menu } from '@/ui/Menu'
import { useSlow } from './useSlow'

/** Beside an own message: a clock while it waits, and what went wrong when it was refused. */
export function SendingMark({ message }: { message: Message }) {
  const { t } = useTranslation('message')
  const waiting = message.sending.state === 'waiting'
  const slow = useSlow(waiting, 400)
  if (message.sending.state === 'failed') {
    const reason = refusal(message.sending.reason)
    return (
      <Menu
        align="start"
        trigger={
          <button type="button" aria-label={t('failedBecause', { reason })} title={reason} className="rounded-full text-danger">
            <CircleAlert aria-hidden className="size-5" />
          </button>
        }
        entries={[
          { label: t('command.retry'), onSelect: () => actions().retry(message.chat, message.key) },
          { label: t('command.discard'), danger: true, onSelect: () => actions().discard(message.chat, message.key) },
        ]}
      />
    )
  }
  if (!waiting || !slow) return null
  return <Clock role="img" aria-label={t('waiting')} className="size-3.5 shrink-0 text-muted" />
}

/** Under a message that was refused: why, and a way out. */
export function FailedLine({ message }: { message: Message }) {
  const { t } = useTranslation('message')
  if (message.sending.state !== 'failed') return null
  return (
    <p className="mt-0.5 flex flex-wrap justify-end gap-x-2 text-sm text-danger">
      <span>{refusal(message.sending.reason)}</span>
      <button type="button" className="font-medium underline" onClick={() => actions().retry(message.chat, message.key)}>
        {t('command.retry')}
      </button>
    </p>
  )
}
