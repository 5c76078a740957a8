import { useSyncExternalStore } from 'react'
import { create } from 'zustand'
import { usePreferences } from '@/app/preferences'

/** What stands beside the conversation. */
export type Pane = 'details' | 'search' | null

const stored = 'parley.pane'

/** Pixels: the rail and the panel, and the least that a conversation keeps beside them. */
const rail = 64
const panel = 320
const least = 480

/** Whether there is room for it beside list and conversation; otherwise it lies over the conversation. */
export const isBeside = (): boolean => typeof window === 'undefined' || window.innerWidth - rail - usePreferences.getState().listWidth - panel >= least

/** As isBeside; renders again when the room changes. */
export function useIsBeside(): boolean {
  return useSyncExternalStore((changed) => {
    window.addEventListener('resize', changed)
    const stop = usePreferences.subscribe(changed)
    return () => {
      window.removeEventListener('resize', changed)
      stop()
    }
  }, isBeside)
}

export const usePane = create<{ pane: Pane }>()(() => ({ pane: isBeside() && localStorage.getItem(stored) === 'details' ? 'details' : null }))

/** The search belongs to one chat, so it closes with it. The details stay, and show the next chat. */
export function leaveChat(): void {
  if (usePane.getState().pane === 'search') usePane.setState({ pane: null })
}

/** Opens what stands beside the conversation, or closes it. That the details are open beside it is remembered on this device. */
export function openPane(pane: Pane): void {
  usePane.setState({ pane })
  if (!isBeside()) return
  if (pane === 'details') localStorage.setItem(stored, pane)
  else if (pane === null) localStorage.removeItem(stored)
}
