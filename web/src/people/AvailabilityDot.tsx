import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import { markOf } from '@/state/availability'
import { useStore } from '@/state/store'

// Each has a shape of its own: not everybody can tell the colours apart.
const looks = { online: 'bg-success', away: 'border-[3px] border-warning bg-ground', quiet: 'bg-danger' } as const

/** A mark for people who are connected. */
export default function AvailabilityDot({ id }: { open: boolean; id: string }) {
  const { t } = useTranslation('availability')
  const mark = useStore((s) => markOf(s.availability[id]))
  if (!mark) return null
  return (
    <span role="img" aria-label={t(mark)} className={cn('absolute -right-0.5 -bottom-0.5 flex size-3 items-center justify-center rounded-full ring-2 ring-ground', looks[mark])}>
      {mark === 'quiet' && <span className="h-0.5 w-1.5 rounded-full bg-white" />}
    </span>
  )
}
