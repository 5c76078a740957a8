import { useSyncExternalStore } from 'react'

// The width from which on list and conversation stand side by side; Tailwind's `md`.
const wide = typeof matchMedia === 'undefined' ? null : matchMedia('(min-width: 48rem)')

/** Whether there is room for more than one pane. */
export function useIsWide(): boolean {
  return useSyncExternalStore(
    (changed) => {
      wide?.addEventListener('change', changed)
      return () => wide?.removeEventListener('change', changed)
    },
    () => wide?.matches ?? true,
  )
}
