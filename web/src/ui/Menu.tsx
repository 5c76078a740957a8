import { ContextMenu as BaseContext } from '@base-ui/react/context-menu'
import { Menu as Base } from '@base-ui/react/menu'
import type { LucideIcon } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import { cn } from '@/lib/cn'

export interface MenuEntry {
  icon?: LucideIcon
  label: string
  /** A keyboard shortcut that does the same. */
  keys?: string
  danger?: boolean
  disabled?: boolean
  onSelect: () => void
}

/** null draws a line between two groups. */
export type MenuEntries = (MenuEntry | null | false | undefined)[]

const popup = 'min-w-44 max-w-80 rounded-xl border border-line bg-raised p-1 shadow-lg outline-none'

// A context menu is made of a menu's parts.
function Entries({ entries }: { entries: MenuEntries }): ReactNode {
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
          {e.keys && <kbd className="ml-4 font-sans text-xs text-muted">{e.keys}</kbd>}
        </Base.Item>
      ),
    )
}

interface MenuProps {
  trigger: ReactElement<Record<string, unknown>>
  entries: MenuEntries
  align?: 'start' | 'end'
  side?: 'top' | 'bottom'
  onOpenChange?: (open: boolean) => void
}

/** A menu that opens at its trigger, a button. */
export function Menu({ trigger, entries, align = 'end', side = 'bottom', onOpenChange }: MenuProps) {
  return (
    <Base.Root onOpenChange={onOpenChange}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} side={side} sideOffset={4} className="z-50">
          <Base.Popup className={popup}>
            <Entries entries={entries} />
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

/** A menu at the pointer, for a right click, a long press and the menu key on what it wraps. Entries are made when it opens. */
export function ContextMenu({ entries, children, onOpenChange }: { entries: () => MenuEntries; children: ReactElement<Record<string, unknown>>; onOpenChange?: (open: boolean) => void }) {
  return (
    <BaseContext.Root onOpenChange={onOpenChange}>
      <BaseContext.Trigger render={children} />
      <BaseContext.Portal>
        <BaseContext.Positioner className="z-50">
          <BaseContext.Popup className={popup}>
            <LateEntries entries={entries} />
          </BaseContext.Popup>
        </BaseContext.Positioner>
      </BaseContext.Portal>
    </BaseContext.Root>
  )
}

function LateEntries({ entries }: { entries: () => MenuEntries }) {
  return <Entries entries={entries()} />
}
