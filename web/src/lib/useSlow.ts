import { useEffect, useState } from 'react'

/** true once `busy` has lasted that long: what is over at once must not flash. */
export function useSlow(busy: boolean, milliseconds: number): boolean {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    if (!busy) return
    const timer = setTimeout(() => setSlow(true), milliseconds)
    return () => {
      clearTimeout(timer)
      setSlow(false)
    }
  }, [busy, milliseconds])
  return busy && slow
}
