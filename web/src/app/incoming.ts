// New events from other people, for notifications. The session publishes them and the notifier listens; neither
// knows the other.
import type { ChatKey, MessageKind } from '@/state/model'

export interface Incoming {
  chat: ChatKey
  /** Message id; of a notification its own, or "". */
  id: string
  from: { name: string; avatar: string }
  /** As one line, as the chat list shows it; "" for a picture and the like without words. */
  text: string
  /** null: not known, or no message. */
  kind: MessageKind | null
  /** It mentions me, or is a shake. */
  mention: boolean
  /** It is a shake of the window, without a message. */
  shake: boolean
  /** It is a notification that is counted apart. */
  weak: boolean
}

type Listener = (incoming: Incoming) => void

const listeners = new Set<Listener>()

/** Called by the session once for each message or notification that a push brought (never for what was fetched). */
export function announce(incoming: Incoming): void {
  for (const listener of listeners) listener(incoming)
}

export function onIncoming(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
