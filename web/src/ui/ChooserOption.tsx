import type { CSSProperties, ReactNode } from 'react'
import { cn } from '@/lib/cn'
import { Tick } from './Tick'

interface Props {
  id: string
  name: string
  /** Tells it from others of the same name. */
  about?: string | undefined
  picture: ReactNode
  /** Whether it is chosen; absent where one is picked at once, without ticks. */
  chosen?: boolean | undefined
  /** The keys have reached it. */
  active: boolean
  /** It cannot be changed now. */
  fixed: boolean
  onToggle: () => void
  /** Where it stands, in a list that draws only what is in sight. */
  place?: CSSProperties
}

/** Somebody or something in the list below a ChooserField. The keyboard is served by the field: the focus never leaves it. */
export function ChooserOption({ id, name, about, picture, chosen, active, fixed, onToggle, place }: Props) {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={chosen ?? active}
      aria-disabled={fixed || undefined}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onToggle}
      style={place}
      className={cn(
        'flex min-h-14 items-center gap-3 px-4 hover:bg-hover',
        place && 'absolute inset-x-0',
        active && 'bg-hover outline-2 -outline-offset-2 outline-accent',
        fixed ? 'cursor-default opacity-60' : 'cursor-pointer',
      )}
    >
      {chosen !== undefined && <Tick on={chosen} />}
      {picture}
      <span className="min-w-0">
        <span dir="auto" className="block truncate">
          {name}
        </span>
        {about && <span className="block truncate text-xs text-muted">{about}</span>}
      </span>
    </div>
  )
}
