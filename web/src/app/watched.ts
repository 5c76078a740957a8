// The accounts on the screen whose availability is shown. Screens note them, and the session asks for them; neither knows the other.
import { useEffect } from 'react'

const shown = new Map<string, number>()
const listeners = new Set<() => void>()

/** Notes that the account is on the screen. */
export function useWatched(id: string): void {
  useEffect(() => {
    shown.set(id, (shown.get(id) ?? 0) + 1)
    tell()
    return () => {
      const left = (shown.get(id) ?? 1) - 1
      if (left > 0) shown.set(id, left)
      else shown.delete(id)
      tell()
    }
  }, [id])
}

/** Those that were noted last are the last ones. */
export const watched = (): string[] => [...shown.keys()]

export function onWatched(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function tell(): void {
  for (const listener of listeners) listener()
}
