import { cloneElement, useEffect, useRef, useState, type ReactElement } from 'react'
import { onDemand } from './onDemand'

// A hint that cannot be loaded is not missed.
const TooltipPopup = onDemand(() => import('./TooltipPopup'), () => undefined)

export type Side = 'top' | 'bottom' | 'left' | 'right'

interface Props {
  text: string
  keys?: string
  side?: Side
  /** Passes on the attributes that it is given. */
  children: ReactElement<Record<string, unknown>>
}

/** A hint beside what it wraps. It repeats or adds to an accessible name and never is one. */
export function Tooltip({ text, keys, side, children }: Props) {
  return cloneElement(children, { 'data-tip': text, 'data-tip-keys': keys || undefined, 'data-tip-side': side })
}

/** How long the pointer rests until the hint is shown, and for how long the next one then follows at once; milliseconds. */
const patience = { first: 500, next: 300 }

/** Shows the hint of whatever the pointer rests on or the keyboard has reached; once, at the root. */
export function Tooltips() {
  const [target, setTarget] = useState<HTMLElement | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    let shown: HTMLElement | null = null
    let hiddenAt = 0
    const show = (to: HTMLElement | null): void => {
      if (shown && !to) hiddenAt = Date.now()
      shown = to
      setTarget(to)
    }
    const over = (e: PointerEvent): void => {
      const to = tipOf(e.target)
      if (to === shown) return
      clearTimeout(timer.current)
      if (shown) show(null)
      if (!to || e.pointerType === 'touch' || e.buttons !== 0) return
      timer.current = setTimeout(() => to.isConnected && show(to), Date.now() - hiddenAt < patience.next ? 0 : patience.first)
    }
    const focus = (e: FocusEvent): void => {
      const to = tipOf(e.target)
      if (to?.matches(':focus-visible')) show(to)
    }
    const hide = (): void => {
      clearTimeout(timer.current)
      if (shown) show(null)
    }
    const listen = { passive: true, capture: true }
    const hiding = ['pointerdown', 'keydown', 'wheel', 'focusout', 'scroll'] as const
    document.addEventListener('pointerover', over, listen)
    document.addEventListener('focusin', focus, listen)
    for (const e of hiding) document.addEventListener(e, hide, listen)
    return () => {
      hide()
      document.removeEventListener('pointerover', over, listen)
      document.removeEventListener('focusin', focus, listen)
      for (const e of hiding) document.removeEventListener(e, hide, listen)
    }
  }, [])
  if (!target) return null
  const { tip = '', tipKeys, tipSide } = target.dataset
  return <TooltipPopup key={tip} anchor={target} text={tip} keys={tipKeys} side={(tipSide as Side | undefined) ?? 'top'} />
}

const tipOf = (target: EventTarget | null): HTMLElement | null => (target instanceof Element ? target.closest<HTMLElement>('[data-tip]') : null)
