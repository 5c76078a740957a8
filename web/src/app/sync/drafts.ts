// Drafts on this device, by account and chat. All tabs share them. Each chat has an entry of its own in localStorage, so
// that two tabs with different chats do not overwrite each other's drafts.
import type { ChatKey, Unsent } from '@/state/model'
import { forgetForms } from '../keptForm'
import type { Context } from './context'

// Milliseconds between two writes while somebody types.
const pace = 200

export class Drafts {
  readonly #context: Context
  readonly #under: string
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Changed here, not kept yet. */
  readonly #changed = new Set<ChatKey>()

  constructor(context: Context) {
    this.#context = context
    this.#under = `parley.draft.${context.me}.`
    context.update((s) => ({ ...s, drafts: this.#all() }))
    const { signal } = context
    const adopt = (e: StorageEvent): void => {
      if (e.key?.startsWith(this.#under)) this.#adopt(e.key.slice(this.#under.length), parse(e.newValue))
    }
    addEventListener('storage', adopt, { signal })
    const keep = (): void => this.#keep()
    // A page that is left, discarded or killed in the background gets no other chance.
    addEventListener('pagehide', keep, { signal })
    document.addEventListener('visibilitychange', keep, { signal })
    signal.addEventListener('abort', keep)
  }

  set(key: ChatKey, change: Partial<Unsent>): void {
    if (this.#context.signal.aborted) return
    const before = this.#context.state().drafts[key] ?? { text: '', quote: null }
    const after = { ...before, ...change }
    if (after.text === before.text && after.quote === before.quote && after.editing === before.editing) return
    this.#context.update((s) => ({ ...s, drafts: withDraft(s.drafts, key, after) }))
    this.#changed.add(key)
    this.#keepSoon()
  }

  /** Removes the drafts from this device; the account was signed out. */
  forget(): void {
    clearTimeout(this.#timer)
    this.#changed.clear()
    for (const key of keysUnder(this.#under)) localStorage.removeItem(key)
    forgetForms(this.#context.me)
    localStorage.removeItem(`parley.calls.${this.#context.me}`)
    localStorage.removeItem(`parley.called.${this.#context.me}`) // those of sent messages
  }

  /** Keeps the first change at once, and those that follow quickly at a bounded pace. */
  #keepSoon(): void {
    if (this.#timer !== undefined) return
    this.#keep()
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#changed.size > 0) this.#keepSoon()
    }, pace)
  }

  /** Another tab has written. A draft that is being written here stays. */
  #adopt(key: ChatKey, draft: Unsent | null): void {
    if (!this.#changed.has(key)) this.#context.update((s) => ({ ...s, drafts: withDraft(s.drafts, key, draft) }))
  }

  #keep(): void {
    for (const key of this.#changed) {
      const draft = this.#context.state().drafts[key]
      try {
        if (draft) localStorage.setItem(this.#under + key, JSON.stringify(draft))
        else localStorage.removeItem(this.#under + key)
      } catch {
        // No room: then it lasts as long as the page.
      }
    }
    this.#changed.clear()
  }

  #all(): Record<ChatKey, Unsent> {
    const drafts: Record<ChatKey, Unsent> = {}
    for (const key of keysUnder(this.#under)) {
      const draft = parse(localStorage.getItem(key))
      if (draft) drafts[key.slice(this.#under.length)] = draft
    }
    return drafts
  }
}

const keysUnder = (prefix: string): string[] => Object.keys(localStorage).filter((key) => key.startsWith(prefix))

function parse(kept: string | null): Unsent | null {
  try {
    const { text, quote, editing } = JSON.parse(kept ?? 'null') as Partial<Unsent>
    return typeof text === 'string' ? { text, quote: quote ?? null, ...(editing && { editing }) } : null
  } catch {
    return null
  }
}

function withDraft(drafts: Record<ChatKey, Unsent>, key: ChatKey, draft: Unsent | null): Record<ChatKey, Unsent> {
  if (draft && (draft.text || draft.quote || draft.editing)) return { ...drafts, [key]: draft }
  const { [key]: _, ...rest } = drafts
  return rest
}
