import { Menu as Base } from '@base-ui/react/menu'
import { cn } from '@/lib/cn'
import { byFinger } from '@/lib/pointer'
import { previousFocus } from './focus'
import type { MenuEntries } from './Menu'

interface MenuPopupProps {
  /** What it stands at. */
  anchor: Element | { getBoundingClientRect: () => DOMRect }
  /** What gets the focus back if nothing had it before. */
  opener: HTMLElement
  open: boolean
  onOpenChange: (open: boolean) => void
  entries: MenuEntries
  align: 'start' | 'end'
  side: 'top' | 'bottom'
}

/** The part of a menu that is seen when it is open; loaded when the first one opens. */
export default function MenuPopup({ anchor, opener, open, onOpenChange, entries, align, side }: MenuPopupProps) {
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Portal>
        <Base.Positioner anchor={anchor} align={align} side={side} sideOffset={4} className="z-50">
          <Base.Popup finalFocus={() => previousFocus(opener)} className="min-w-44 max-w-80 rounded-xl border border-line bg-raised p-1 shadow-lg outline-none">
            {open && <Entries entries={entries} />}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

function Entries({ entries }: { entries: MenuEntries }) {
  return entries
    .filter((e) => e !== false && e !== undefined)
    .map((e, i, all) =>
      e === null ? (
        <Base.Separator key={`below ${all[i - 1]?.label}`} className="my-1 h-px bg-line" />
      ) : (
        <Base.Item
          key={e.label}
          disabled={e.disabled}
          onClick={e.onSelect}
          className={cn(
            'flex cursor-pointer items-center gap-2.5 rounded-lg px-2.5 py-1.5 outline-none select-none data-disabled:cursor-default data-disabled:opacity-50 data-highlighted:bg-hover',
            e.danger && 'text-danger',
          )}
        >
          {e.icon && <e.icon aria-hidden className="size-4 shrink-0" />}
          <span className="min-w-0 flex-1 truncate">{e.label}</span>
          {e.keys && !byFinger() && <kbd className="ml-4 font-sans text-xs text-muted">{e.keys}</kbd>}
        </Base.Item>
      ),
    )
}
