import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import { useSlow } from '@/lib/useSlow'

const shapes = [
  [false, 'w-48'],
  [false, 'w-72'],
  [true, 'w-56'],
  [false, 'w-64'],
  [true, 'w-40'],
  [true, 'w-72'],
  [false, 'w-52'],
] as const

/** What stands where messages will be, when they take their time. */
export function Skeleton() {
  const { t } = useTranslation('conversation')
  const slow = useSlow(true, 300)
  if (!slow) return <div className="flex-1" />
  return (
    <div role="status" aria-label={t('loading')} className="flex min-h-0 flex-1 flex-col justify-end gap-3 overflow-hidden p-4 motion-safe:animate-pulse">
      {shapes.map(([mine, width]) => (
        <div key={`${mine} ${width}`} className={cn('mx-auto flex w-full max-w-[64rem] gap-2', mine && 'flex-row-reverse')}>
          {!mine && <div className="size-10 shrink-0 rounded-lg bg-bubble" />}
          <div className={cn('h-12 max-w-full rounded-2xl bg-bubble', width)} />
        </div>
      ))}
    </div>
  )
}
