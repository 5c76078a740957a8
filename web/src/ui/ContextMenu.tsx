import { useEffect, useRef, useState, type MouseEvent, type ReactElement, type TouchEvent } from 'react'
import { MenuPopup, type MenuEntries } from './Menu'
import { withHandlers } from './withHandlers'

/** How long a finger rests until the menu opens, milliseconds, and how far it may move, pixels. */
const longPress = { time: 500, slack: 10 }

interface Shown {
  x: number
  y: number
  opener: HTMLElement
  entries: MenuEntries
}

interface Props {
  /** Made when it opens; where there are none, it does not. */
  entries: () => MenuEntries
  children: ReactElement<Record<string, unknown>>
}

/** A menu at the pointer, for a right click, a long press and the menu key on what it wraps. */
export function ContextMenu({ entries, children }: Props) {
  const [shown, setShown] = useState<Shown | null>(null)
  const [open, setOpen] = useState(false)
  const press = useLongPress()
  const show = (e: MouseEvent): void => {
    const made = entries()
    if (!made.some(Boolean)) return
    e.preventDefault()
    const target = e.target as HTMLElement
    const opener = target.closest<HTMLElement>('a, button, [tabindex]') ?? target
    const box = opener.getBoundingClientRect()
    // The menu key has no pointer: its menu stands at what has the focus.
    setShown({ opener, entries: made, x: e.clientX || box.left + 16, y: e.clientY || box.top + box.height / 2 })
    setOpen(true)
  }
  return (
    <>
      {withHandlers(children, { onContextMenu: show, ...press })}
      {shown && (
        <MenuPopup
          key={`${shown.x} ${shown.y}`}
          anchor={{ getBoundingClientRect: () => new DOMRect(shown.x, shown.y, 0, 0) }}
          opener={shown.opener}
          open={open}
          onOpenChange={setOpen}
          entries={shown.entries}
          align="start"
          side="bottom"
        />
      )}
    </>
  )
}

// Some phones tell of a long press as of a right click. For those that do not, it is made one.
function useLongPress() {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const begin = useRef({ x: 0, y: 0 })
  const pressed = useRef(false)
  const stop = (): void => clearTimeout(timer.current)
  useEffect(() => () => clearTimeout(timer.current), [])
  return {
    onTouchStart: (e: TouchEvent): void => {
      stop()
      pressed.current = false
      const touch = e.touches[0]
      if (!touch || e.touches.length > 1) return
      const { clientX, clientY } = touch
      const { target } = e
      begin.current = { x: clientX, y: clientY }
      timer.current = setTimeout(() => {
        pressed.current = true
        target.dispatchEvent(new window.MouseEvent('contextmenu', { bubbles: true, cancelable: true, clientX, clientY }))
      }, longPress.time)
    },
    onTouchMove: (e: TouchEvent): void => {
      const touch = e.touches[0]
      if (touch && Math.hypot(touch.clientX - begin.current.x, touch.clientY - begin.current.y) > longPress.slack) stop()
    },
    onTouchEnd: (e: TouchEvent): void => {
      stop()
      if (pressed.current) e.preventDefault() // lifting the finger is no click
    },
    onTouchCancel: stop,
    onContextMenuCapture: stop,
  }
}
