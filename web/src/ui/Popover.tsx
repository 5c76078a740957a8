import { useState, type MouseEvent, type ReactElement, type ReactNode } from 'react'
import { onDemand } from './onDemand'
import { withHandlers } from './withHandlers'

const load = () => import('./PopoverPopup')
const PopoverPopup = onDemand(load)

const soon = (): void => void load().catch(() => undefined)

interface Props {
  trigger: ReactElement<Record<string, unknown>>
  /** The accessible name of what opens. */
  label: string
  children: ReactNode
  open?: boolean
  onOpenChange?: (open: boolean) => void
  side?: 'top' | 'bottom' | 'left' | 'right'
  align?: 'start' | 'center' | 'end'
  className?: string
}

/** A small window beside its trigger, a button. */
export function Popover({ trigger, label, children, open: given, onOpenChange, side = 'top', align = 'start', className }: Props) {
  const [opener, setOpener] = useState<HTMLElement | null>(null)
  const [own, setOwn] = useState(false)
  const open = given ?? own
  const change = (next: boolean): void => {
    setOwn(next)
    onOpenChange?.(next)
  }
  const toggle = (e: MouseEvent<HTMLElement>): void => {
    setOpener(e.currentTarget)
    change(!open)
  }
  return (
    <>
      {withHandlers(trigger, { onClick: toggle, onPointerEnter: soon, onFocus: soon }, { 'aria-haspopup': 'dialog', 'aria-expanded': open })}
      {opener && (
        <PopoverPopup anchor={opener} label={label} open={open} onOpenChange={change} side={side} align={align} className={className}>
          {children}
        </PopoverPopup>
      )}
    </>
  )
}
