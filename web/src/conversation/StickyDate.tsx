import { useEffect, useState, type RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import { longDay } from '@/lib/time'

/** How long the date stays after the last movement, and how soon after a touch a movement is the reader's; milliseconds. */
const stays = 1200
const after = 1000

/** The day of the topmost message, over it while the reader scrolls. At rest it would cover text. `low`: below the bar of the unread messages. */
export function StickyDate({ at, scroller, low }: { at: number | null; scroller: RefObject<HTMLElement | null>; low: boolean }) {
  const { i18n } = useTranslation('conversation')
  const moving = useScrolling(scroller)
  if (at === null) return null
  return (
    <div
      aria-hidden
      data-date
      className={cn('pointer-events-none absolute inset-x-0 z-10 flex justify-center transition-opacity', low ? 'top-12' : 'top-2', !moving && 'opacity-0')}
    >
      <span className="rounded-full border border-line bg-raised px-3 py-0.5 text-xs font-medium text-muted shadow-sm">{longDay(at, i18n.language)}</span>
    </div>
  )
}

/** Whether the reader scrolls. The list also moves by itself, when messages arrive or a chat opens. */
function useScrolling(scroller: RefObject<HTMLElement | null>): boolean {
  const [moving, setMoving] = useState(false)
  useEffect(() => {
    const list = scroller.current
    if (!list) return
    let byHand = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const touched = (): void => {
      byHand = Date.now()
    }
    const scrolled = (): void => {
      if (Date.now() - byHand > after) return
      byHand = Date.now() // it glides on
      setMoving(true)
      clearTimeout(timer)
      timer = setTimeout(setMoving, stays, false)
    }
    const touches = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const
    for (const event of touches) list.addEventListener(event, touched, { passive: true })
    list.addEventListener('scroll', scrolled, { passive: true })
    return () => {
      clearTimeout(timer)
      for (const event of touches) list.removeEventListener(event, touched)
      list.removeEventListener('scroll', scrolled)
    }
  }, [scroller])
  return moving
}
