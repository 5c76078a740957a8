/** Whether somebody can be looking at this tab: it is visible and has the focus. Where there is no page, as in tests, always. */
export const inFront = (): boolean => typeof document === 'undefined' || (document.visibilityState === 'visible' && document.hasFocus())

/** Calls back whenever inFront may have changed, until the signal. */
export function whenFrontChanges(changed: () => void, signal: AbortSignal): void {
  if (typeof document === 'undefined') return
  document.addEventListener('visibilitychange', changed, { signal })
  addEventListener('focus', changed, { signal })
  addEventListener('blur', changed, { signal })
}
