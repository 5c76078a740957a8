import { ArrowDown } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Badge } from '@/ui/Badge'

/** Back to the newest, with the number of those that came meanwhile. */
export function JumpToNewest({ below, onClick }: { below: number; onClick: () => void }) {
  const { t } = useTranslation('conversation')
  return (
    <button
      type="button"
      onClick={onClick}
      aria-label={below > 0 ? t('toNewestCount', { count: below }) : t('toNewest')}
      className="absolute right-4 bottom-3 flex size-10 items-center justify-center rounded-full border border-line bg-raised text-muted shadow-md hover:bg-hover hover:text-text"
    >
      <ArrowDown aria-hidden className="size-5" />
      <Badge count={below} className="absolute -top-1.5 -right-1.5" />
    </button>
  )
}
