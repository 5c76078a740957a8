import { type KeyboardEvent, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'

/** The initials that the directory has, down its side. Arrows move among them as in a toolbar. */
export function IndexBar({ initials, current, onJump }: { initials: string[]; current: string; onJump: (initial: string) => void }) {
  const { t } = useTranslation('people')
  const bar = useRef<HTMLDivElement>(null)
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const next = step && initials[initials.indexOf(current) + step]
    if (!next) return
    event.preventDefault()
    onJump(next)
    bar.current?.querySelector<HTMLElement>(`[data-initial="${next}"]`)?.focus()
  }
  return (
    <div
      ref={bar}
      role="toolbar"
      tabIndex={-1}
      aria-orientation="vertical"
      aria-label={t('index')}
      onKeyDown={move}
      className="flex w-6 shrink-0 flex-col items-center justify-center overflow-hidden py-2 select-none"
    >
      {initials.map((initial) => (
        <button
          key={initial}
          type="button"
          data-initial={initial}
          tabIndex={initial === current ? 0 : -1}
          aria-label={t('jumpTo', { initial })}
          aria-current={initial === current || undefined}
          onClick={() => onJump(initial)}
          className={cn(
            'max-h-6 min-h-0 w-6 flex-1 rounded text-[0.6875rem] leading-none hover:text-text',
            initial === current ? 'font-semibold text-accent' : 'text-muted',
          )}
        >
          {initial}
        </button>
      ))}
    </div>
  )
}
