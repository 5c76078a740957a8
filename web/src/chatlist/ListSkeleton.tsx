import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { rowHeight } from './ChatRow'

/** Stands for rows that are on their way, where that takes long enough to be seen. */
export function ListSkeleton() {
  const { t } = useTranslation('ui')
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div role="status" aria-label={t('loading')} className="min-h-0 flex-1 overflow-hidden">
      {late &&
        Array.from({ length: 12 }, (_, i) => (
          <div key={i} className="flex items-center gap-3 px-3 motion-safe:animate-pulse" style={{ height: rowHeight }}>
            <span className="size-10 rounded-lg bg-hover" />
            <span className="flex flex-1 flex-col gap-2">
              <span className="h-3 w-2/5 rounded bg-hover" />
              <span className="h-3 w-4/5 rounded bg-hover" />
            </span>
          </div>
        ))}
    </div>
  )
}
