import { useTranslation } from 'react-i18next'
import { longDay } from '@/lib/time'

/** The day of what stands at the top, over it. */
export function StickyDate({ at }: { at: number | null }) {
  const { i18n } = useTranslation('conversation')
  if (at === null) return null
  return (
    <div aria-hidden className="pointer-events-none absolute inset-x-0 top-2 flex justify-center">
      <span className="rounded-full border border-line bg-raised px-3 py-0.5 text-xs font-medium text-muted shadow-sm">{longDay(at, i18n.language)}</span>
    </div>
  )
}
