import type { LucideIcon } from 'lucide-react'
import { useState, type KeyboardEvent, type MouseEvent, type ReactElement } from 'react'
import { onDemand } from './onDemand'
import { withHandlers } from './withHandlers'

interface MenuEntry {
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

export const loadMenu = () => import('./MenuPopup')
export const MenuPopup = onDemand(loadMenu)

const soon = (): void => void loadMenu().catch(() => undefined)

interface Props {
  trigger: ReactElement<Record<string, unknown>>
  entries: MenuEntries
  align?: 'start' | 'end'
  side?: 'top' | 'bottom'
  onOpenChange?: (open: boolean) => void
}

/** A menu that opens at its trigger, a button. */
export function Menu({ trigger, entries, align = 'end', side = 'bottom', onOpenChange }: Props) {
  const [opener, setOpener] = useState<HTMLElement | null>(null)
  const [open, setOpen] = useState(false)
  const change = (next: boolean): void => {
    setOpen(next)
    onOpenChange?.(next)
  }
  const toggle = (e: MouseEvent<HTMLElement>): void => {
    setOpener(e.currentTarget)
    change(!open)
  }
  const keys = (e: KeyboardEvent<HTMLElement>): void => {
    if (e.key !== 'ArrowDown' && e.key !== 'ArrowUp') return
    e.preventDefault()
    setOpener(e.currentTarget)
    change(true)
  }
  return (
    <>
      {withHandlers(trigger, { onClick: toggle, onKeyDown: keys, onPointerEnter: soon, onFocus: soon }, { 'aria-haspopup': 'menu', 'aria-expanded': open })}
      {opener && (
        <MenuPopup anchor={opener} opener={opener} open={open} onOpenChange={change} entries={entries} align={align} side={side} />
      )}
    </>
  )
}
