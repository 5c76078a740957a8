// The message at which the reader left each chat, kept in the tab's sessionStorage so that it outlasts a reload. A chat
// that was left at its end is not in it.
import type { ChatKey } from '@/state/model'

/** A message, and how far below the upper edge of the list it began, in pixels. */
export interface KeptPlace {
  id: string
  offset: number
}

type Places = Record<ChatKey, KeptPlace>

const most = 50
const under = (account: string): string => `parley.places.${account}`

export function placesOf(account: string): Places {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(under(account)) ?? '{}')
    return kept !== null && typeof kept === 'object' ? (kept as Places) : {}
  } catch {
    return {}
  }
}

/** Keeps where the reader is in a chat; null: at its end. */
export function keepPlace(account: string, chat: ChatKey, place: KeptPlace | null): void {
  const { [chat]: _, ...others } = placesOf(account)
  const kept = Object.entries(others).slice(1 - most)
  if (place) kept.push([chat, place])
  try {
    sessionStorage.setItem(under(account), JSON.stringify(Object.fromEntries(kept)))
  } catch {
    // No room: the chat opens as if it had not been left.
  }
}
