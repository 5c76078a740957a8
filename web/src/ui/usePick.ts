import { useEffect, useEffectEvent, useRef } from 'react'

/**
 * Enter in a ChooserField. Where it is pressed before the answer to what was typed is there, it picks when the answer
 * comes, unless something else is typed first.
 */
export function usePick(settled: boolean, pick: () => void): { enter: (now?: boolean) => void; typed: () => void } {
  const hasty = useRef(false)
  const pickLate = useEffectEvent(() => {
    if (hasty.current) pick()
    hasty.current = false
  })
  useEffect(() => {
    if (settled) pickLate()
  }, [settled])
  return {
    /** `now`: what is meant is known already. */
    enter: (now = settled) => {
      if (now) pick()
      else hasty.current = true
    },
    typed: () => {
      hasty.current = false
    },
  }
}
