// Who writes a message at this moment. The server tells it again and again while it lasts.
import { plain } from '@/lib/plain'
import type { Typed } from '@/wire/wire.gen'
import { chatKey, type ChatKey, type Typist } from './model'
import type { State } from './store'

/** Somebody writes in a chat. */
export function typed(state: State, { type, id, by, stay }: Typed, now: number): State {
  if (by.id === state.me?.id) return state
  const key = chatKey(type, id)
  const before = state.typing[key] ?? []
  const typist = { id: by.id, name: plain(by.name), until: now + stay }
  const known = before.some((t) => t.id === by.id)
  return put(state, key, known ? before.map((t) => (t.id === by.id ? typist : t)) : [...before, typist])
}

/** A message has come: its author no longer writes it. */
export function hasWritten(state: State, key: ChatKey, author: string): State {
  const before = state.typing[key]
  return before?.some((t) => t.id === author) ? put(state, key, before.filter((t) => t.id !== author)) : state
}

/** Forgets those who have not written for some time. */
export function afterTyping(state: State, now: number): State {
  let after = state
  for (const [key, all] of Object.entries(state.typing) as [ChatKey, readonly Typist[]][]) {
    const left = all.filter((t) => t.until > now)
    if (left.length < all.length) after = put(after, key, left)
  }
  return after
}

/** When the first of them is no longer shown, Unix milliseconds; Infinity: there is none. */
export const endOfTyping = ({ typing }: State): number => Math.min(...Object.values(typing).flatMap((all) => all.map((t) => t.until)))

function put(state: State, key: ChatKey, all: readonly Typist[]): State {
  const { [key]: _, ...others } = state.typing
  return { ...state, typing: all.length > 0 ? { ...others, [key]: all } : others }
}
