// Where the focus goes when a window over the page closes: to where one was, which is not always what opened it.
// A click on a button, or among the messages, moves the focus there, but one still writes in the field.
import { byFinger } from '@/lib/pointer'

/** Windows over the page. */
export const overPage = '[role="dialog"], [role="alertdialog"], [role="menu"]'

const untyped = /^(button|checkbox|color|file|image|radio|range|reset|submit)$/

/** The element takes the characters that are typed. */
export function takesText(target: EventTarget | null): target is HTMLElement {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !untyped.test(target.type)
  return target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName)
}

let place: HTMLElement | null = null

/** Follows the focus, for as long as the page lives. */
export function watchFocus(): void {
  let byKey = false
  addEventListener('keydown', () => (byKey = true), true)
  const pressed = ({ target }: PointerEvent): void => {
    byKey = false
    if (target instanceof Element && target.closest(overPage)) return
    // Under a finger, focusing a field that one has left would open the keyboard.
    if (byFinger()) place = takesText(document.activeElement) ? document.activeElement : null
  }
  addEventListener('pointerdown', pressed, true)
  const focused = ({ target }: FocusEvent): void => {
    if (!(target instanceof HTMLElement) || target.closest(`${overPage}, [data-base-ui-focus-guard]`)) return
    if (byKey || takesText(target)) place = target
  }
  addEventListener('focusin', focused, true)
}

/** What gets the focus when a window over the page closes; `opener` if nothing had it before. */
export function whereOneWas(opener?: HTMLElement): HTMLElement | true {
  const field = byFinger() ? null : document.querySelector<HTMLElement>('[data-composer]')
  return [place, opener, field].find((element) => element?.isConnected && element.getClientRects().length > 0) ?? opener ?? true
}
