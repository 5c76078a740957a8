import { useEffect, useReducer, type ComponentType } from 'react'
import { toastError } from './toast'

interface Closable {
  open?: boolean
  onOpenChange?: (open: boolean) => void
  onClose?: () => void
}

/**
 * A window, menu or hint whose code is loaded when it is first opened. If that fails, during an outage for example, it is
 * closed, `failed` is told, and the next opening tries again. With React's lazy the pane around it would be lost.
 */
export function onDemand<P extends object>(load: () => Promise<{ default: ComponentType<P> }>, failed: (error: unknown) => void = toastError): ComponentType<P> {
  let Content: ComponentType<P> | null = null
  return function OnDemand(props: P) {
    const [, draw] = useReducer((n: number) => n + 1, 0)
    const { open = true, onOpenChange, onClose } = props as Closable
    useEffect(() => {
      if (Content || !open) return
      let here = true
      load().then(
        (loaded) => {
          Content = loaded.default
          if (here) draw()
        },
        (error: unknown) => {
          if (!here) return
          onOpenChange?.(false)
          onClose?.()
          failed(error)
        },
      )
      return () => {
        here = false
      }
      // oxlint-disable-next-line react/exhaustive-deps -- one attempt for each opening
    }, [open])
    return Content && <Content {...props} />
  }
}
