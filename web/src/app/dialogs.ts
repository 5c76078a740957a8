// The dialogs that can be opened from anywhere; one at a time.
import { create } from 'zustand'

export type DialogName = 'switcher' | 'help' | 'new-chat' | 'new-group' | 'status' | 'sign-out'

const useOpen = create<{ open: DialogName | null }>()(() => ({ open: null }))

export const useDialog = (): DialogName | null => useOpen((s) => s.open)

export function openDialog(name: DialogName): void {
  useOpen.setState({ open: name })
}

export function closeDialog(): void {
  useOpen.setState({ open: null })
}
