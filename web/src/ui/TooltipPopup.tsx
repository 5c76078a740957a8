import { Tooltip as Base } from '@base-ui/react/tooltip'
import { byFinger } from '@/lib/pointer'
import type { Side } from './Tooltip'

/** What is seen of a tooltip; loaded when the first one is shown. */
export default function TooltipPopup({ anchor, text, keys, side }: { anchor: HTMLElement; text: string; keys: string | undefined; side: Side }) {
  return (
    <Base.Root open>
      <Base.Portal>
        <Base.Positioner aria-hidden anchor={anchor} side={side} sideOffset={6} className="pointer-events-none z-50">
          <Base.Popup className="max-w-72 rounded-md bg-text px-2 py-1 text-xs text-ground shadow-md">
            {text}
            {keys && !byFinger() && <kbd className="ml-2 font-sans opacity-75">{keys}</kbd>}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
