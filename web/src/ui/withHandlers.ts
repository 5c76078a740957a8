import { cloneElement, type ReactElement, type SyntheticEvent } from 'react'

type Handler = (event: never) => void

/** The element with further handlers and attributes; its own handlers run first. */
export function withHandlers(element: ReactElement<Record<string, unknown>>, handlers: Record<string, Handler>, attributes: Record<string, unknown> = {}): ReactElement {
  const both = Object.entries(handlers).map(([name, handler]) => {
    const own = element.props[name]
    if (typeof own !== 'function') return [name, handler]
    return [
      name,
      (event: SyntheticEvent) => {
        ;(own as (event: SyntheticEvent) => void)(event)
        if (!event.defaultPrevented) handler(event as never)
      },
    ]
  })
  return cloneElement(element, { ...attributes, ...Object.fromEntries(both) })
}
