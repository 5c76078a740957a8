import { List, Pin as PinIcon } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useRowActions } from '@/message/context'
import { oneLine } from '@/message/preview'
import type { ChatKey, Pin } from '@/state/model'
import { IconButton } from '@/ui/IconButton'
import { PinsDialog } from './PinsDialog'

/** The message that was pinned last, above the conversation, and the way to the others. */
export default function PinBar({ chat, pins }: { chat: ChatKey; pins: readonly Pin[] }) {
  const { t } = useTranslation('pin')
  const { t: message } = useTranslation('message')
  const { jumpTo } = useRowActions()
  const [open, setOpen] = useState(false)
  const latest = pins[0]
  if (!latest) return null
  const { quote } = latest
  return (
    <section aria-label={t('title')} className="flex h-11 shrink-0 items-center gap-1 border-b border-line bg-sunken pr-2">
      <button type="button" title={t('goTo')} onClick={() => jumpTo(quote.id)} className="flex h-full min-w-0 flex-1 items-center gap-3 px-4 text-left text-sm -outline-offset-2 hover:bg-hover">
        <PinIcon aria-hidden className="size-4 shrink-0 text-accent" />
        <span dir="auto" className="min-w-0 truncate">
          <span className="font-medium">{message('said', { name: quote.from.name })}</span> {oneLine(quote, message)}
        </span>
      </button>
      <IconButton icon={List} label={t('all', { count: pins.length })} onClick={() => setOpen(true)} size="small" />
      {open && <PinsDialog chat={chat} pins={pins} onClose={() => setOpen(false)} />}
    </section>
  )
}
