import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { oneLine } from '@/message/preview'
import type { Conversation } from '@/state/model'

/** Tells screen readers what comes in while the conversation is open. */
export function Announcer({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('message')
  const place = useRef<HTMLDivElement>(null)
  const newest = conversation.hasNewer ? undefined : conversation.messages.at(-1)
  // Messages that are shown when the conversation is opened are not announced.
  const known = useRef<number | null>(null)
  useEffect(() => {
    const before = known.current
    known.current = Math.max(before ?? 0, newest?.at ?? 0)
    if (before === null || !newest || newest.mine || newest.at <= before) return
    place.current!.textContent = t('quoteOf', { name: newest.from.name, text: oneLine(newest, t) })
  }, [newest, t])
  return <div ref={place} aria-live="polite" className="sr-only" />
}
