// The element that gets the focus when a window over the page closes. It is the element that the person used before, which
// is not always the one that opened the window: a click on a button or on a message moves the focus there, but the person
// continues to write in the input field.
import { byFinger } from '@/lib/pointer'

/** Windows over the page. */
export const overPage = '[role="dialog"], [role="alertdialog"], [role="menu"]'

const untyped = /^(button|checkbox|color|file|image|radio|range|reset|submit)$/

/** Whether typed characters go into the element. */
export function takesText(target: EventTarget | null): target is HTMLElement {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !untyped.test(target.type)
  return target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName)
}

let place: HTMLElement | null = null

/** Observes the focus until the page is closed. */
export function watchFocus(): void {
  let byKey = false
  addEventListener('keydown', () => (byKey = true), true)
  const pressed = ({ target }: PointerEvent): void => {
    byKey = false
    if (target instanceof Element && target.closest(overPage)) return
    // On a touch screen, focusing an input field that was left would open the keyboard.
    if (byFinger()) place = takesText(document.activeElement) ? document.activeElement : null
  }
  addEventListener('pointerdown', pressed, true)
  const focused = ({ target }: FocusEvent): void => {
    if (!(target instanceof HTMLElement) || target.closest(`${overPage}, [data-base-ui-focus-guard]`)) return
    if (byKey || takesText(target)) place = target
  }
  addEventListener('focusin', focused, true)
}

/** Returns the element that gets the focus when a window over the page closes; `opener` if no element had it before. */
export function previousFocus(opener?: HTMLElement): HTMLElement | true {
  const field = byFinger() ? null : document.querySelector<HTMLElement>('[data-composer]')
  return [place, opener, field].find((element) => element?.isConnected && element.getClientRects().length > 0) ?? opener ?? true
}

/** Moves the focus from an element that has just been removed to where it was before, or to the page shown. */
export function returnFocus(): void {
  const before = previousFocus()
  const target = before === true ? document.querySelector<HTMLElement>('nav [aria-current="page"], [data-chat]') : before
  target?.focus()
}
