import { Popover as Base } from '@base-ui/react/popover'
import type { ReactElement, ReactNode } from 'react'
import { cn } from '@/lib/cn'

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
export function Popover({ trigger, label, children, open, onOpenChange, side = 'top', align = 'start', className }: Props) {
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner side={side} align={align} sideOffset={8} className="z-50">
          <Base.Popup aria-label={label} className={cn('max-w-[calc(100vw-1rem)] rounded-xl border border-line bg-raised shadow-lg outline-none', className)}>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
