// Which panel stands beside the conversation.
import { create } from 'zustand'

export type Details = 'info' | 'search'

const useOpen = create<{ open: Details | null }>()(() => ({ open: null }))

export const useDetails = (): Details | null => useOpen((s) => s.open)

export function openDetails(panel: Details): void {
  useOpen.setState({ open: panel })
}

export function closeDetails(): void {
  useOpen.setState({ open: null })
}

/** Opens the panel, or closes it when it is the one that is open. */
export function toggleDetails(panel: Details): void {
  useOpen.setState((s) => ({ open: s.open === panel ? null : panel }))
}
