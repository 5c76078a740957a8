// Read marks of the chat that is looked at. The server pushes them while it is, so they are requested whenever that begins.
import { changeMessages, markIn } from '@/state/conversation'
import { chatKey, chatRef, fileTransfer, isInbox, type ChatKey } from '@/state/model'
import type { ReadMarksChanged } from '@/wire/wire.gen'
import type { Context } from './context'

// As many messages as a request can name.
const mostNamed = 100

const none = { read: 0, of: 0 }

export class ReadMarks {
  readonly #context: Context
  #asking = false
  /** The answer that is on its way may be older than what was pushed meanwhile. */
  #again = false

  constructor(context: Context) {
    this.#context = context
  }

  /** Requests the marks of the own messages that are here. Call it when the chat has become the one that is looked at. */
  async renew(): Promise<void> {
    this.#again = true
    if (this.#asking) return
    this.#asking = true
    // What made the chat the current one is sent first.
    await Promise.resolve()
    try {
      while (this.#again) {
        this.#again = false
        const { looking, me } = this.#context.state()
        if (looking && me?.readMarks !== false) await this.#ask(looking)
      }
    } catch {
      // The connection is lost, and with the next one it begins anew, or the chat cannot be read any more.
    } finally {
      this.#asking = false
    }
  }

  pushed({ type, id, more }: ReadMarksChanged): void {
    if (this.#asking) this.#again = true
    else if (more && chatKey(type, id) === this.#context.state().looking) void this.renew()
  }

  /** An own message may have been acknowledged: the request that is on its way does not name it, and it was sent before the chat was looked at. */
  sent(): void {
    if (this.#asking) this.#again = true
  }

  async #ask(key: ChatKey): Promise<void> {
    const { type, id } = chatRef(key)
    if (isInbox(type) || id === fileTransfer) return
    const { state, request, update } = this.#context
    const own = (state().conversations[key]?.messages ?? []).flatMap((m) => (m.mine && m.id && !m.withdrawn && m.kind !== 'system' ? [m.id] : [])).toReversed()
    for (let from = 0; from < own.length && state().looking === key; from += mostNamed) {
      const messageIds = own.slice(from, from + mostNamed)
      const { marks } = await request('read marks', { type, id, messageIds })
      const now = new Map(messageIds.map((one) => [one, none]))
      for (const m of marks) now.set(m.id, { read: m.read, of: m.of })
      update((s) => changeMessages(s, key, (c) => markIn(c, now)))
    }
  }
}
