// The tabs of one browser that show the same account agree on two things: which of them rings the bell, and which
// chats are being looked at in any of them.
import type { ChatKey } from '@/state/model'

type Word = { is: 'looking'; tab: string; chat: ChatKey | null } | { is: 'who' }

export class Tabs {
  readonly #tab = Math.random().toString(36).slice(2)
  readonly #channel: BroadcastChannel | null
  readonly #others = new Map<string, ChatKey>()
  readonly #end = new AbortController()
  #mine: ChatKey | null = null
  #leads: boolean

  constructor(account: string) {
    const name = `parley.tabs.${account}`
    this.#channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name)
    if (this.#channel) {
      this.#channel.addEventListener('message', (e: MessageEvent<Word>) => this.#hear(e.data))
      this.#say({ is: 'who' })
    }
    // Without locks (a page that is not served securely) every tab rings: better twice than never.
    this.#leads = !('locks' in navigator)
    if (!this.#leads) {
      const held = navigator.locks.request(name, { signal: this.#end.signal }, () => {
        this.#leads = true
        return new Promise<void>((done) => this.#end.signal.addEventListener('abort', () => done()))
      })
      held.catch(() => undefined) // given up while waiting
    }
  }

  /** This tab is the one that rings. */
  get leads(): boolean {
    return this.#leads
  }

  /** What this tab shows in front of a reader; null: nothing, or it is in the background. */
  looksAt(chat: ChatKey | null): void {
    if (chat === this.#mine) return
    this.#mine = chat
    this.#say({ is: 'looking', tab: this.#tab, chat })
  }

  anyLooksAt(chat: ChatKey): boolean {
    return this.#mine === chat || [...this.#others.values()].includes(chat)
  }

  close(): void {
    this.looksAt(null)
    this.#end.abort()
    this.#channel?.close()
  }

  #say(word: Word): void {
    this.#channel?.postMessage(word)
  }

  #hear(word: Word): void {
    if (word.is === 'who') this.#say({ is: 'looking', tab: this.#tab, chat: this.#mine })
    else if (word.chat === null) this.#others.delete(word.tab)
    else this.#others.set(word.tab, word.chat)
  }
}
