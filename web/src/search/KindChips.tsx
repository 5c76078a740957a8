import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'

/** One of a few kinds of hits. */
export function KindChips<K extends string>({ kinds, value, onValueChange }: { kinds: readonly K[]; value: K; onValueChange: (kind: K) => void }) {
  const { t } = useTranslation('search')
  return (
    <div role="group" aria-label={t('kinds')} className="flex gap-1 overflow-x-auto [scrollbar-width:none]">
      {kinds.map((kind) => (
        <button
          key={kind}
          type="button"
          aria-pressed={kind === value}
          onClick={() => onValueChange(kind)}
          className={cn(
            'h-8 shrink-0 rounded-full px-3 text-sm -outline-offset-2',
            kind === value ? 'bg-selected font-medium text-accent' : 'text-muted hover:bg-hover hover:text-text',
          )}
        >
          {t(kind)}
        </button>
      ))}
    </div>
  )
}
