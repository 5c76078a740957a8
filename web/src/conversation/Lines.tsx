import { useTranslation } from 'react-i18next'
import { fullTime, longDay, shortTime } from '@/lib/time'
import { refusal } from '@/lib/refusal'
import { useSlow } from '@/lib/useSlow'
import type { ChatKey, Conversation, Shake } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { Spinner } from '@/ui/Spinner'

/** Between two days. */
export function DateLine({ at }: { at: number }) {
  const { i18n } = useTranslation('conversation')
  return (
    <div className="flex justify-center py-2">
      <span className="rounded-full bg-sunken px-3 py-0.5 text-xs font-medium text-muted">{longDay(at, i18n.language)}</span>
    </div>
  )
}

/** Above the first message that is new since the chat was last read. */
export function NewLine() {
  const { t } = useTranslation('conversation')
  return (
    <div className="flex items-center gap-3 px-4 py-2 text-xs font-medium text-danger">
      <span aria-hidden className="flex-1 border-t border-danger/40" />
      {t('newMessages')}
      <span aria-hidden className="flex-1 border-t border-danger/40" />
    </div>
  )
}

/** Where somebody shook the other one's window. It is no message: only this browser knows it. */
export function ShakeLine({ chat, shake: { mine, at } }: { chat: ChatKey; shake: Shake }) {
  const { t, i18n } = useTranslation('conversation')
  const name = useStore((s) => s.chats[chat]?.name ?? '')
  return (
    <p className="flex flex-wrap items-baseline justify-center gap-x-2 px-6 py-2 text-sm text-muted">
      <bdi>{t(mine ? 'youShook' : 'shook', { name })}</bdi>
      <time dateTime={new Date(at).toISOString()} title={fullTime(at, i18n.language)} className="text-xs tabular-nums">
        {shortTime(at, i18n.language)}
      </time>
    </p>
  )
}

export function StartLine() {
  const { t } = useTranslation('conversation')
  return <p className="px-4 pt-10 pb-4 text-center text-sm text-muted">{t('start')}</p>
}

/** Where the loaded stretch ends: the next page is on its way, or could not be had. */
export function LoadingLine({ conversation, end }: { conversation: Conversation; end: boolean }) {
  const { t } = useTranslation('conversation')
  const { key: chat, loading, error, messages, outbox, old = false } = conversation
  const online = useStore((s) => s.connection === 'online')
  const lost = useStore((s) => s.connection === 'offline')
  const nothing = messages.length === 0
  const unreachable = useSlow(nothing && lost, 500)
  const busy = !unreachable && (loading === (end ? 'newer' : 'older') || (nothing && loading === 'first' && !error))
  const slow = useSlow(busy, 300)
  // Own messages are shown behind newer ones that could not be loaded.
  const gap = end && outbox.length > 0
  const again = () => void (nothing || old ? actions().openChat(chat) : end ? actions().loadNewer(chat) : actions().loadOlder(chat))
  return (
    <div className="flex min-h-14 items-center justify-center gap-3 px-4 text-sm text-muted">
      {slow && <Spinner label={t('loading')} />}
      {!busy && gap && lost && <span>{t('newerMissing')}</span>}
      {!busy && !(gap && lost) && (unreachable || (error && !(old && lost))) && (
        <>
          <span role="alert">{nothing || !error ? t('notLoaded') : refusal(error)}</span>
          {/* Without a connection the banner has the button. */}
          {online && (
            <Button size="small" onClick={again}>
              {t('tryAgain')}
            </Button>
          )}
        </>
      )}
    </div>
  )
}
