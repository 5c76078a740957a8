import { PinOff } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { fullTime } from '@/lib/time'
import { useRowActions } from '@/message/context'
import { oneLine } from '@/message/preview'
import type { ChatKey, Pin } from '@/state/model'
import { actions } from '@/state/store'
import { Avatar } from '@/ui/Avatar'
import { Dialog } from '@/ui/Dialog'
import { IconButton } from '@/ui/IconButton'
import { toastError } from '@/ui/toast'

/** All pinned messages of a chat, the one that was pinned last first. */
export function PinsDialog({ chat, pins, onClose }: { chat: ChatKey; pins: readonly Pin[]; onClose: () => void }) {
  const { t, i18n } = useTranslation('pin')
  const { t: message } = useTranslation('message')
  const { jumpTo, canPin } = useRowActions()
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('title')}>
      <ul className="flex flex-col px-3 pb-4">
        {pins.map(({ quote, by, at }) => (
          <li key={quote.id} className="flex items-center gap-1">
            <button
              type="button"
              onClick={() => {
                onClose()
                jumpTo(quote.id)
              }}
              className="flex min-w-0 flex-1 items-start gap-3 rounded-lg px-2 py-2 text-left hover:bg-hover"
            >
              <Avatar name={quote.from.name} src={quote.from.avatar} seed={quote.from.id} size="small" />
              <span className="min-w-0 flex-1">
                <span dir="auto" className="block truncate text-sm font-medium">
                  {quote.from.name}
                </span>
                <span dir="auto" className="line-clamp-3 break-words">
                  {oneLine(quote, message)}
                </span>
                <span className="block text-xs text-muted">{t('by', { name: by.name, time: fullTime(at, i18n.language) })}</span>
              </span>
            </button>
            {canPin && <IconButton icon={PinOff} label={message('command.unpin')} onClick={() => void actions().pin({ id: quote.id, chat }, false).catch(toastError)} />}
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
