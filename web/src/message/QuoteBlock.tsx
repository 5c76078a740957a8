import { useTranslation } from 'react-i18next'
import { useMediaAddress } from '@/app/address'
import type { Quote } from '@/state/model'
import { useRowActions } from './context'
import { scaled } from './file'
import { pictureSize } from './pictures'
import { oneLine } from './preview'

/** The message that is answered, in short. A click goes there. */
export function QuoteBlock({ quote }: { quote: Quote }) {
  const { t } = useTranslation('message')
  const { jumpTo } = useRowActions()
  const url = useMediaAddress(!quote.withdrawn && quote.kind === 'image' ? quote.file?.url : undefined)
  const size = pictureSize(quote.file?.width, quote.file?.height)
  return (
    <button
      type="button"
      onClick={() => jumpTo(quote.id)}
      title={t('toQuoted')}
      className="mb-1 flex w-full max-w-full items-center gap-2 rounded-md border-l-2 border-accent bg-hover/60 px-2 py-1 text-left text-sm hover:bg-hover"
    >
      {url && <img src={scaled(url, 'thumb')} alt="" width={size.width} height={size.height} className="size-9 shrink-0 rounded object-cover" />}
      <span className="min-w-0">
        <span dir="auto" className="block truncate font-medium text-accent">{t('said', { name: quote.from.name })}</span>
        <span dir="auto" className="line-clamp-2 break-words text-text/80">{oneLine(quote, t)}</span>
      </span>
    </button>
  )
}
