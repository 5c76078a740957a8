import { useEffect, useRef } from 'react'

/**
 * Lets the browser's way back close what lies over the page, where it would otherwise leave the page below. While
 * `open`, an entry of the history with the same address stands for it; it goes when `close` was called for another reason.
 */
export function useCloseOnBack(open: boolean, close: () => void): void {
  const closing = useRef(close)
  useEffect(() => {
    closing.current = close
  })
  useEffect(() => {
    if (!open) return
    let depth = 0
    const onPop = (): void => {
      // A window above this one has its own entry in the history.
      if (depth === 0 || depthOf(history.state) >= depth) return
      depth = 0
      closing.current()
    }
    // Later than the effect itself, so that an effect undone at once leaves no trace.
    queueMicrotask(() => {
      if (depth < 0) return
      depth = depthOf(history.state) + 1
      history.pushState({ ...(history.state as object | null), over: depth }, '')
    })
    window.addEventListener('popstate', onPop)
    return () => {
      window.removeEventListener('popstate', onPop)
      if (depth > 0 && depthOf(history.state) === depth) history.back()
      depth = -1
    }
  }, [open])
}

function depthOf(state: unknown): number {
  const over = (state as { over?: unknown } | null)?.over
  return typeof over === 'number' ? over : 0
}
