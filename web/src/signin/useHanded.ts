import { useEffect, useState } from 'react'
import { clearFragment, readFragment, type Handed } from './fragment'

/** What the address hands over, now or when another link is followed in the same tab. */
export function useHanded(): Handed {
  const [handed, setHanded] = useState(() => readFragment(location.hash))
  useEffect(() => {
    const look = (): void => {
      const now = readFragment(location.hash)
      if (now.code || now.error) setHanded(now)
      clearFragment()
    }
    // Not while drawing: a drawing may be thrown away, and what it took with it.
    clearFragment()
    window.addEventListener('hashchange', look)
    return () => window.removeEventListener('hashchange', look)
  }, [])
  return handed
}
