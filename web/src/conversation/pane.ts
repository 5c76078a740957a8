import { create } from 'zustand'

/** What stands beside the conversation. */
export type Pane = 'details' | 'search' | null

const stored = 'parley.pane'

export const usePane = create<{ pane: Pane }>()(() => ({ pane: localStorage.getItem(stored) === 'details' ? 'details' : null }))

/** Opens what stands beside the conversation, or closes it. That the details are open is remembered on this device. */
export function openPane(pane: Pane): void {
  usePane.setState({ pane })
  if (pane === 'details') localStorage.setItem(stored, pane)
  else if (pane === null) localStorage.removeItem(stored)
}
