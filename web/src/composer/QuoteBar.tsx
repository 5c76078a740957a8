import { Reply, X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { oneLine } from '@/message/preview'
import type { Quote } from '@/state/model'
import { IconButton } from '@/ui/IconButton'

/** What is being answered. */
export function QuoteBar({ quote, onClose }: { quote: Quote; onClose: () => void }) {
  const { t } = useTranslation('composer')
  const { t: tm } = useTranslation('message')
  return (
    <div className="mb-1 flex items-center gap-2 rounded-lg border-l-2 border-accent bg-sunken py-1 pr-1 pl-3 text-sm">
      <Reply aria-hidden className="size-4 shrink-0 text-accent" />
      <p dir="auto" className="min-w-0 flex-1 truncate">
        <span className="font-medium">{t('replyTo', { name: quote.from.name })}</span> <span className="text-muted">{oneLine(quote, tm)}</span>
      </p>
      <IconButton icon={X} label={t('dropQuote')} size="small" onClick={onClose} />
    </div>
  )
}
