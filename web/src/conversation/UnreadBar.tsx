import { ArrowUp, Check } from 'lucide-react'
import { type MouseEvent, type RefObject, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { clock, daysAgo, fullTime } from '@/lib/time'
import { select } from '@/message/selection'
import type { ChatKey } from '@/state/model'
import { actions, useStore } from '@/state/store'
import type { Place } from '@/state/unread'
import { Button } from '@/ui/Button'
import { toastError } from '@/ui/toast'

interface Props {
  chat: ChatKey
  /** Unread messages. */
  count: number
  /** The first of them. */
  first: Place
  /** The reader is there. */
  atFirst: boolean
  /** Gets the focus when a button of the bar has done its work. */
  list: RefObject<HTMLElement | null>
}

/** Over the upper edge of the list while unread messages are not on the screen: how many and since when, the way to the first, and a button that marks all as read. */
export default function UnreadBar({ chat, count, first: { id, at: since }, atFirst, list }: Props) {
  const { t, i18n } = useTranslation('conversation')
  const number = new Intl.NumberFormat(i18n.language).format(count)
  const text = since === undefined ? t('unreadCount', { count, number }) : t('unreadSince', { count, number, time: momentOf(since, i18n.language) })
  const toFirst = async (event: MouseEvent) => {
    // A click with the keyboard has no detail.
    const byKey = event.detail === 0
    await actions().jumpTo(chat, id)
    list.current?.focus({ preventScroll: true })
    const message = useStore.getState().conversations[chat]?.messages.find((m) => m.id === id)
    if (byKey && message) select(message)
  }
  const markRead = () => {
    list.current?.focus({ preventScroll: true })
    actions().markRead(chat).catch(toastError)
  }
  return (
    <div role="group" aria-label={t('unread')} className="absolute inset-x-0 top-0 z-20 flex min-h-10 items-center gap-1 border-b border-line bg-raised py-1 pr-2 pl-4 text-sm shadow-sm">
      <p title={since === undefined ? undefined : fullTime(since, i18n.language)} className="min-w-0 flex-1 @max-xl:leading-tight">
        {text}
      </p>
      <Told text={text} />
      {!atFirst && (
        <Button kind="quiet" size="small" aria-label={t('toFirst')} onClick={(event) => void toFirst(event).catch(toastError)}>
          <ArrowUp aria-hidden className="size-4" />
          <span className="@max-md:hidden">{t('toFirst')}</span>
        </Button>
      )}
      <Button kind="quiet" size="small" aria-label={t('markRead')} onClick={markRead}>
        <Check aria-hidden className="size-4" />
        <span className="@max-md:hidden">{t('markRead')}</span>
      </Button>
    </div>
  )
}

/** Tells screen readers once. While the reader scrolls on, each message would change the text. */
function Told({ text }: { text: string }) {
  const place = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    place.current!.textContent = text
    // oxlint-disable-next-line react/exhaustive-effect-dependencies, react/exhaustive-deps -- the text of the beginning
  }, [])
  return <p ref={place} role="status" className="sr-only" />
}

/** The clock; of another day with its date. */
function momentOf(at: number, language: string): string {
  const now = Date.now()
  if (daysAgo(at, now) <= 0) return clock(at, language)
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return new Intl.DateTimeFormat(language, { ...(!sameYear && { year: 'numeric' }), month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)
}
