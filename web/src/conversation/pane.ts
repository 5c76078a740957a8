import { create } from 'zustand'

/** What stands beside the conversation. */
export type Pane = 'details' | 'search' | null

const stored = 'parley.pane'

/** Whether there is room for it beside the conversation, which it covers otherwise; Tailwind's `lg`. */
export const isBeside = (): boolean => typeof matchMedia === 'undefined' || matchMedia('(min-width: 64rem)').matches

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
