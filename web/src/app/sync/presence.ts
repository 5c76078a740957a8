// Tells the server which chat this tab looks at: the one that is open, while the window is in front and the reader
// sees the end of it. What arrives there is read; what arrives anywhere else stays unread.
import { changeChat } from '@/state/chatlist'
import { changeConversation } from '@/state/conversation'
import { chatRef, isInbox, type ChatKey } from '@/state/model'
import { atEnd, readAll } from '@/state/unread'
import type { Context } from './context'

const glance = 150

export class Presence {
  readonly #context: Context
  readonly #doubt: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  // The server knows no such chat: asking again and again would not help.
  #refused: ChatKey | null = null

  constructor(context: Context, doubt: () => void) {
    this.#context = context
    this.#doubt = doubt
    context.signal.addEventListener('abort', () => clearTimeout(this.#timer))
    if (typeof document === 'undefined') return
    const look = (): void => this.look()
    document.addEventListener('visibilitychange', look, { signal: context.signal })
    addEventListener('focus', look, { signal: context.signal })
    addEventListener('blur', look, { signal: context.signal })
  }

  /** Called whenever what decides may have changed. */
  look(): void {
    const wanted = this.#wanted()
    const { looking } = this.#context.state()
    clearTimeout(this.#timer)
    if (wanted === undefined || wanted === looking) return
    if (wanted === null) void this.#end()
    // Who only comes past has not looked.
    else this.#timer = setTimeout(() => this.#wanted() === wanted && void this.#begin(wanted), glance)
  }

  /** The chat that should be the one looked at; undefined: there is nobody to tell. */
  #wanted(): ChatKey | null | undefined {
    const { state, connected } = this.#context
    if (!connected()) return undefined
    const { current, conversations } = state()
    const sees = current !== null && inFront() && !isInbox(chatRef(current).type) && current !== this.#refused && atEnd(conversations[current])
    return sees ? current : null
  }

  /** A new connection: the server may still hold what the lost one looked at. */
  async connected(): Promise<void> {
    this.#refused = null
    this.#context.update((s) => ({ ...s, looking: null }))
    await this.#context.request('clear chat', {}).catch(() => undefined)
    this.look()
  }

  lost(): void {
    this.#context.update((s) => (s.looking === null ? s : { ...s, looking: null }))
  }

  /** The list says that something is unread in the chat that is being looked at: it was there before. */
  readAgain(): void {
    const { state, request, update, touched } = this.#context
    const { looking, chats } = state()
    if (!looking || !chats[looking]?.unread) return
    touched.read(looking)
    update((s) => changeChat(s, looking, readAll))
    const { type, id } = chatRef(looking)
    request('clear unread', { type, id }).catch(() => this.#doubt())
  }

  /** Another chat is opened: it may be asked about again. */
  opened(): void {
    this.#refused = null
  }

  async #begin(key: ChatKey): Promise<void> {
    const { update, request, touched, state } = this.#context
    // Of a chat that is not in the list yet nobody knows.
    const unread = (state().chats[key]?.unread ?? 1) > 0
    const left = state().looking
    if (left) touched.read(left)
    touched.read(key)
    update((s) => changeConversation(changeChat({ ...s, looking: key }, key, readAll), key, (c) => (c.below ? { ...c, below: 0 } : c)))
    const { type, id } = chatRef(key)
    try {
      const [found] = await Promise.all([request('current chat', { id }), unread ? request('clear unread', { type, id }) : null])
      touched.read(key)
      if (found === 1) return
      this.#refused = key
      update((s) => (s.looking === key ? { ...s, looking: null } : s))
    } catch {
      // Connection lost, or refused: the figures say what the server makes of it.
      this.#doubt()
    }
  }

  async #end(): Promise<void> {
    const { update, request, state, touched } = this.#context
    const left = state().looking
    update((s) => ({ ...s, looking: null }))
    await request('clear chat', {}).catch(() => undefined)
    if (left) touched.read(left)
  }
}

const inFront = (): boolean => typeof document === 'undefined' || (document.visibilityState === 'visible' && document.hasFocus())
