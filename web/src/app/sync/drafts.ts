// What is written and not sent, on this device: kept by account, and the same in all its tabs.
import type { ChatKey } from '@/state/model'
import type { Context } from './context'

type Texts = Record<ChatKey, string>

const delay = 400

export class Drafts {
  readonly #context: Context
  readonly #under: string
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Changed here, not kept yet. */
  #changed = new Set<ChatKey>()

  constructor(context: Context) {
    this.#context = context
    this.#under = `parley.drafts.${context.me}`
    context.update((s) => ({ ...s, drafts: this.#kept() }))
    const { signal } = context
    const adopt = (e: StorageEvent): void => {
      if (e.key === this.#under) this.#adopt()
    }
    addEventListener('storage', adopt, { signal })
    addEventListener('pagehide', () => this.#keep(), { signal })
    signal.addEventListener('abort', () => this.#keep())
  }

  set(key: ChatKey, text: string): void {
    const { drafts } = this.#context.state()
    if ((drafts[key] ?? '') === text) return
    this.#context.update((s) => ({ ...s, drafts: withDraft(s.drafts, key, text) }))
    this.#changed.add(key)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#keep(), delay)
  }

  /** Another tab has written: its words, but for those that are being written here. */
  #adopt(): void {
    const kept = this.#kept()
    this.#context.update((s) => {
      let drafts = kept
      for (const key of this.#changed) drafts = withDraft(drafts, key, s.drafts[key] ?? '')
      return { ...s, drafts }
    })
  }

  #keep(): void {
    clearTimeout(this.#timer)
    if (this.#changed.size === 0) return
    let all = this.#kept()
    for (const key of this.#changed) all = withDraft(all, key, this.#context.state().drafts[key] ?? '')
    this.#changed.clear()
    try {
      localStorage.setItem(this.#under, JSON.stringify(all))
    } catch {
      // No room: then they last as long as the page.
    }
  }

  #kept(): Texts {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(this.#under) ?? '{}')
      return kept !== null && typeof kept === 'object' ? (kept as Texts) : {}
    } catch {
      return {}
    }
  }
}

function withDraft(drafts: Texts, key: ChatKey, text: string): Texts {
  if (text) return { ...drafts, [key]: text }
  const { [key]: _, ...rest } = drafts
  return rest
}
