import { ArrowDown, AtSign } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Badge } from '@/ui/Badge'

const round = 'pointer-events-auto relative flex size-10 items-center justify-center rounded-full border border-line bg-raised text-muted shadow-md hover:bg-hover hover:text-text'

interface Props {
  /** Unread messages that mention me and are not on the screen. */
  mentions: number
  /** Unread messages below. */
  unread: number
  end: boolean
  onMention: () => void
  onNewest: () => void
}

/** Over the lower edge of the list: to the next mention, and to the newest message with the number of those that are unread. */
export function JumpButtons({ mentions, unread, end, onMention, onNewest }: Props) {
  const { t } = useTranslation('conversation')
  return (
    <div className="pointer-events-none absolute right-4 bottom-3 flex flex-col gap-3">
      {mentions > 0 && (
        <button type="button" onClick={onMention} aria-label={t('toMention', { count: mentions })} className={round}>
          <AtSign aria-hidden className="size-5" />
          <Badge hidden count={mentions} className="absolute -top-1.5 -right-1.5" />
        </button>
      )}
      {!end && (
        <button type="button" onClick={onNewest} aria-label={unread > 0 ? t('toNewestCount', { count: unread }) : t('toNewest')} className={round}>
          <ArrowDown aria-hidden className="size-5" />
          <Badge hidden count={unread} className="absolute -top-1.5 -right-1.5" />
        </button>
      )}
    </div>
  )
}
