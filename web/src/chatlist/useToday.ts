import { useSyncExternalStore } from 'react'
import { dayStart } from '@/lib/time'

const minute = 60_000

/** Midnight at which today began: what says "yesterday" is drawn anew when it changes, also after the computer has slept. */
export function useToday(): number {
  return useSyncExternalStore(
    (changed) => {
      const timer = setInterval(changed, minute)
      return () => clearInterval(timer)
    },
    () => dayStart(Date.now()),
  )
}
