// Whom the own messages mention. The server tells it to those who are mentioned and to nobody else, so it is kept on
// this device for as long as a message can be corrected.
import type { Call } from '@/state/model'
import { useStore } from '@/state/store'

const most = 50
const storage = () => `parley.called.${useStore.getState().me?.id ?? ''}`

function read(): [id: string, calls: Call[]][] {
  try {
    const all: unknown = JSON.parse(localStorage.getItem(storage()) ?? '[]')
    return Array.isArray(all) ? (all as [string, Call[]][]) : []
  } catch {
    return []
  }
}

export function rememberCalls(messageId: string, calls: Call[]): void {
  try {
    localStorage.setItem(storage(), JSON.stringify([[messageId, calls], ...read().filter(([id]) => id !== messageId)].slice(0, most)))
  } catch {
    // No room: then a corrected message mentions those who are chosen anew.
  }
}

/** Whom the message of this id mentions, as far as it is known here. */
export const sentCalls = (messageId: string): readonly Call[] => read().find(([id]) => id === messageId)?.[1] ?? []
