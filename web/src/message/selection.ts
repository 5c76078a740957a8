import { create } from 'zustand'
import type { Message } from '@/state/model'

/** Key of the message that is selected with the keyboard. */
export const useSelection = create<{ key: string | null }>()(() => ({ key: null }))

export function select(message: Message | null): void {
  useSelection.setState({ key: message?.key ?? null })
}

/** The message above or below the selected one; the last one where none is selected. */
export function neighbour(messages: readonly Message[], key: string | null, step: -1 | 1): Message | undefined {
  const at = key === null ? -1 : messages.findIndex((message) => message.key === key)
  return at < 0 ? messages.at(-1) : messages[at + step]
}
