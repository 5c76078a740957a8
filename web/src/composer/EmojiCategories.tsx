import { Apple, Clock, Flag, Hand, Hash, Lightbulb, type LucideIcon, PawPrint, Plane, Smile, Trophy } from 'lucide-react'
import { type KeyboardEvent, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'

/** A group of the standard, or those picked last. */
export type Category = number | 'recent'

const icons: Record<Category, LucideIcon> = { recent: Clock, 0: Smile, 1: Hand, 3: PawPrint, 4: Apple, 5: Plane, 6: Trophy, 7: Lightbulb, 8: Hash, 9: Flag }

interface Props {
  categories: readonly Category[]
  /** The one that is in sight; undefined while a search shows something else. */
  current: Category | undefined
  onGo: (category: Category) => void
}

/** The categories as a bar: a click or an arrow key goes to one. */
export function EmojiCategories({ categories, current, onGo }: Props) {
  const { t } = useTranslation('composer')
  const bar = useRef<HTMLDivElement>(null)
  const reached = Math.max(0, categories.findIndex((category) => category === current))
  const onKeyDown = (event: KeyboardEvent) => {
    const last = categories.length - 1
    const to = { ArrowRight: Math.min(reached + 1, last), ArrowLeft: Math.max(reached - 1, 0), Home: 0, End: last }[event.key]
    if (to === undefined) return
    event.preventDefault()
    onGo(categories[to]!)
    const button = bar.current?.children[to]
    if (button instanceof HTMLElement) button.focus()
  }
  return (
    <div ref={bar} role="toolbar" aria-label={t('categories')} className="mt-2 flex border-b border-line">
      {categories.map((category, i) => {
        const Icon = icons[category] ?? Smile
        const label = t(`group.${category}`)
        return (
          <button
            key={category}
            type="button"
            aria-label={label}
            title={label}
            aria-current={category === current || undefined}
            tabIndex={i === reached ? 0 : -1}
            // The focus stays in the field, where the arrow keys go on.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onGo(category)}
            onKeyDown={onKeyDown}
            className={cn(
              'flex h-8 flex-1 items-center justify-center border-b-2 -outline-offset-2 hover:text-text',
              category === current ? 'border-accent text-accent' : 'border-transparent text-muted',
            )}
          >
            <Icon aria-hidden className="size-4" />
          </button>
        )
      })}
    </div>
  )
}
