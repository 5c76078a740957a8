import { CircleAlert, Clock } from 'lucide-react'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { isRefusedAsPicture, refusal } from '@/lib/refusal'
import type { Message } from '@/state/model'
import { actions } from '@/state/store'
import { Menu } from '@/ui/Menu'
import { useSlow } from '@/lib/useSlow'

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
          again(message, t),
          { label: t('command.discard'), danger: true, onSelect: () => actions().discard(message.chat, message.key) },
        ]}
      />
    )
  }
  if (!waiting || !slow) return null
  return <Clock role="img" aria-label={t('waiting')} className="size-3.5 shrink-0 text-muted" />
}

/** The next attempt: as a file, if the server does not take the picture as one. */
function again({ chat, key, sending }: Message, t: TFunction<'message'>): { label: string; onSelect: () => void } {
  const asFile = sending.state === 'failed' && isRefusedAsPicture(sending.reason)
  return { label: t(asFile ? 'sendAsFile' : 'command.retry'), onSelect: () => actions().retry(chat, key, asFile) }
}

/** Under a message that was refused: why, and a way out. */
export function FailedLine({ message }: { message: Message }) {
  const { t } = useTranslation('message')
  if (message.sending.state !== 'failed') return null
  const { label, onSelect } = again(message, t)
  return (
    <p className="mt-0.5 flex flex-wrap justify-end gap-x-2 text-sm text-danger">
      <span>{refusal(message.sending.reason)}</span>
      <button type="button" className="font-medium underline" onClick={onSelect}>
        {label}
      </button>
    </p>
  )
}
