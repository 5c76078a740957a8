import { useEffect, useRef, type RefObject } from 'react'

/** Calls `seen` whenever the element that the ref is given to comes into sight, or nearly. */
export function useSentinel(seen: () => void, active: boolean): RefObject<HTMLDivElement | null> {
  const element = useRef<HTMLDivElement>(null)
  const latest = useRef(seen)
  useEffect(() => {
    latest.current = seen
  })
  useEffect(() => {
    if (!active || !element.current) return undefined
    const observer = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && latest.current(), { rootMargin: '400px' })
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [active])
  return element
}
