import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import { filters, type Filter } from './filter'

/** Which chats the list shows. */
export function FilterChips({ value, onValueChange }: { value: Filter; onValueChange: (filter: Filter) => void }) {
  const { t } = useTranslation('chatlist')
  return (
    <div role="group" aria-label={t('filters')} className="flex shrink-0 gap-0.5 overflow-x-auto px-2.5 pb-2 [scrollbar-width:none]">
      {filters.map((filter) => (
        <button
          key={filter}
          type="button"
          aria-pressed={filter === value}
          onClick={() => onValueChange(filter === value ? 'all' : filter)}
          className={cn(
            'h-7 shrink-0 rounded-full px-1.5 text-xs whitespace-nowrap -outline-offset-2',
            filter === value ? 'bg-selected font-medium text-accent' : 'text-muted hover:bg-hover hover:text-text',
          )}
        >
          {t(filter)}
        </button>
      ))}
    </div>
  )
}
