import { Popover as Base } from '@base-ui/react/popover'
import type { ReactNode } from 'react'
import { cn } from '@/lib/cn'
import { previousFocus } from './focus'

interface PopoverPopupProps {
  anchor: HTMLElement
  label: string
  open: boolean
  onOpenChange: (open: boolean) => void
  side: 'top' | 'bottom' | 'left' | 'right'
  align: 'start' | 'center' | 'end'
  className: string | undefined
  children: ReactNode
}

/** The part of a popover that is seen when it is open; loaded when the first one opens. */
export default function PopoverPopup({ anchor, label, open, onOpenChange, side, align, className, children }: PopoverPopupProps) {
  return (
    <Base.Root
      open={open}
      onOpenChange={(next, { event }) => {
        // The button that opened it closes it by itself.
        if (next || !(event.target instanceof Node && anchor.contains(event.target))) onOpenChange(next)
      }}
    >
      <Base.Portal>
        <Base.Positioner anchor={anchor} side={side} align={align} sideOffset={8} className="z-50">
          <Base.Popup
            aria-label={label}
            finalFocus={() => previousFocus(anchor)}
            className={cn('max-w-[calc(100vw-1rem)] rounded-xl border border-line bg-raised shadow-lg outline-none', className)}
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
