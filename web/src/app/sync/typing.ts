// Tells the server that something is typed into the field of a chat, and forgets those who have stopped.
import { chatRef, fileTransfer, isInbox, type ChatKey } from '@/state/model'
import type { State } from '@/state/store'
import { afterTyping, endOfTyping } from '@/state/typing'
import type { Context } from './context'

/** Between two requests about a chat, milliseconds. The server passes on one in this time. */
const pause = 3000

export class Typing {
  readonly #context: Context
  readonly #told = new Map<ChatKey, number>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(context: Context) {
    this.#context = context
    context.signal.addEventListener('abort', () => clearTimeout(this.#timer))
  }

  /** The person types into the field of a chat. */
  typed(key: ChatKey): void {
    const { state, connected, request } = this.#context
    const { type, id } = chatRef(key)
    if (isInbox(type) || id === fileTransfer || !connected() || state().me?.activity === false) return
    const now = Date.now()
    // The clock may have been set back.
    if (Math.abs(now - (this.#told.get(key) ?? 0)) < pause) return
    this.#told.set(key, now)
    void request('typing', { type, id }).catch(() => undefined) // the chat may have ended
  }

  changed(state: State, before: State): void {
    if (state.typing === before.typing) return
    clearTimeout(this.#timer)
    const end = endOfTyping(state)
    if (end !== Infinity) this.#timer = setTimeout(() => this.#context.update((s) => afterTyping(s, Date.now())), Math.max(0, end - Date.now()))
  }
}
