// Remembers the latest shake of each chat: in localStorage, by account, for all tabs of it. The server keeps none, and does
// not tell the sender's other devices of it.
import type { ChatKey, Shake } from '@/state/model'
import type { State } from '@/state/store'
import type { Context } from './context'

const most = 50

export class Shakes {
  readonly #context: Context
  readonly #under: string

  constructor(context: Context) {
    this.#context = context
    this.#under = `parley.shakes.${context.me}`
    context.update((s) => ({ ...s, shakes: parse(localStorage.getItem(this.#under)) }))
    const adopt = (e: StorageEvent): void => {
      if (e.key === this.#under) context.update((s) => ({ ...s, shakes: parse(e.newValue) }))
    }
    addEventListener('storage', adopt, { signal: context.signal })
  }

  /** What is shown has changed. */
  changed({ shakes }: State, before: State): void {
    if (shakes === before.shakes || this.#context.signal.aborted) return
    const latest = Object.entries(shakes).toSorted(([, a], [, b]) => b.at - a.at).slice(0, most)
    const kept = JSON.stringify(Object.fromEntries(latest))
    try {
      if (kept !== localStorage.getItem(this.#under)) localStorage.setItem(this.#under, kept)
    } catch {
      // No room: then it lasts as long as the page.
    }
  }

  /** Removes them from this device; the session has ended. */
  forget(): void {
    localStorage.removeItem(this.#under)
  }
}

function parse(kept: string | null): Record<ChatKey, Shake> {
  try {
    const shakes: unknown = JSON.parse(kept ?? '{}')
    return shakes !== null && typeof shakes === 'object' ? (shakes as Record<ChatKey, Shake>) : {}
  } catch {
    return {}
  }
}
