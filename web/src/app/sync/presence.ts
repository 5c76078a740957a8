// Tells the server which chat this tab looks at: the one that is open, while the window is in front and the reader
// sees the end of it. What arrives there is read; what arrives anywhere else stays unread.
import { changeChat } from '@/state/chatlist'
import { changeConversation } from '@/state/conversation'
import { chatRef, isInbox, type ChatKey } from '@/state/model'
import { atEnd, readAll } from '@/state/unread'
import type { Context } from './context'

// How long after looking away it is not known whether what arrives was read.
const uncertain = 500

export class Presence {
  readonly #context: Context
  readonly #doubt: () => void
  #left: { key: ChatKey; until: number } | null = null
  // The server knows no such chat: asking again and again would not help.
  #refused: ChatKey | null = null

  constructor(context: Context, doubt: () => void) {
    this.#context = context
    this.#doubt = doubt
    if (typeof document === 'undefined') return
    const look = (): void => this.look()
    document.addEventListener('visibilitychange', look, { signal: context.signal })
    addEventListener('focus', look, { signal: context.signal })
    addEventListener('blur', look, { signal: context.signal })
  }

  /** Called whenever what decides may have changed. */
  look(): void {
    const { state, connected } = this.#context
    if (!connected()) return
    const { current, looking, conversations } = state()
    const sees = current !== null && inFront() && !isInbox(chatRef(current).type) && current !== this.#refused && atEnd(conversations[current])
    const wanted = sees ? current : null
    if (wanted === looking) return
    if (wanted) void this.#begin(wanted)
    else void this.#end()
  }

  /** A new connection: the server may still hold what the lost one looked at. */
  async connected(): Promise<void> {
    this.#refused = null
    this.#context.update((s) => ({ ...s, looking: null }))
    this.look()
    if (!this.#context.state().looking) await this.#context.request('clear chat', {}).catch(() => undefined)
  }

  lost(): void {
    this.#context.update((s) => (s.looking === null ? s : { ...s, looking: null }))
  }

  /** Another chat is opened: it may be asked about again. */
  opened(): void {
    this.#refused = null
  }

  /** Something has arrived in the chat. */
  arrived(key: ChatKey): void {
    if (this.#left?.key === key && Date.now() < this.#left.until) this.#doubt()
  }

  async #begin(key: ChatKey): Promise<void> {
    const { update, request, touched, state } = this.#context
    const unread = (state().chats[key]?.unread ?? 0) > 0
    this.#leave(state().looking)
    touched.chat(key)
    update((s) => changeConversation(changeChat({ ...s, looking: key }, key, readAll), key, (c) => (c.below ? { ...c, below: 0 } : c)))
    const { type, id } = chatRef(key)
    try {
      const [found] = await Promise.all([request('current chat', { id }), unread ? request('clear unread', { type, id }) : null])
      touched.chat(key)
      if (found === 1) return
      this.#refused = key
      update((s) => (s.looking === key ? { ...s, looking: null } : s))
    } catch {
      // Connection lost, or refused: the figures say what the server makes of it.
      this.#doubt()
    }
  }

  async #end(): Promise<void> {
    const { update, request, state } = this.#context
    this.#leave(state().looking)
    update((s) => ({ ...s, looking: null }))
    await request('clear chat', {}).catch(() => undefined)
  }

  #leave(key: ChatKey | null): void {
    if (key) this.#left = { key, until: Date.now() + uncertain }
  }
}

const inFront = (): boolean => typeof document === 'undefined' || (document.visibilityState === 'visible' && document.hasFocus())
