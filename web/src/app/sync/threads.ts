// Loads the thread that is open, and loads it again when replies may have been missed.
import { textOf } from '@/lib/refusal'
import { offline } from '@/socket/connection'
import { messageFrom } from '@/state/from-wire'
import { chatRef, type ChatKey, type Message } from '@/state/model'
import { putOlderReplies, putThread, repliesFrom, threadClosed, threadFailed, threadLoading, threadOpened } from '@/state/thread'
import type { Thread } from '@/wire/wire.gen'
import type { Context } from './context'

const pageSize = 50

export class Threads {
  readonly #context: Context
  /** Number of loads. A later load replaces an earlier one. */
  #loads = 0

  constructor(context: Context) {
    this.#context = context
  }

  async open(chat: ChatKey, id: string): Promise<void> {
    this.#context.update((s) => threadOpened(s, chat, id))
    await this.renew()
  }

  close(): void {
    this.#loads++
    this.#context.update(threadClosed)
  }

  /** Loads the thread from its end. Call it when messages may have been missed. */
  async renew(): Promise<void> {
    const answer = await this.#load('first', undefined)
    if (answer) this.#context.update((s) => putThread(s, answer.message, answer.replies, answer.ends))
  }

  /** Loads the replies before those that are here. */
  async older(): Promise<void> {
    const { thread } = this.#context.state()
    if (!thread?.list.hasOlder || thread.list.loading !== 'none') return
    const answer = await this.#load('older', repliesFrom(thread)[0]?.id ?? undefined)
    if (answer) this.#context.update((s) => putOlderReplies(s, answer.replies, answer.ends))
  }

  /** Requests a page. Returns null if there is no answer, or if another load has begun. */
  async #load(loading: 'first' | 'older', before: string | undefined): Promise<{ message: Message; replies: Message[]; ends: boolean } | null> {
    const { state, connected, request, update, touched } = this.#context
    const load = ++this.#loads
    for (;;) {
      const { thread } = state()
      // With the next connection it is loaded from its end.
      if (!thread || !connected()) return null
      const { chat, id: messageId } = thread
      const { type, id } = chatRef(chat)
      const began = touched.now()
      update((s) => threadLoading(s, loading))
      let answer: Thread
      try {
        answer = await request('message replies', { type, id, messageId, ...(before && { before }), limit: pageSize })
      } catch (error) {
        const text = textOf(error)
        if (load === this.#loads) update((s) => threadFailed(s, text === offline ? null : text))
        return null
      }
      if (load !== this.#loads) return null
      // An edit or a reaction that was pushed meanwhile may be missing in the answer.
      if (touched.since(chat, began)) continue
      const messages = [answer.message, ...answer.replies].map((row) => ({ ...messageFrom(row, this.#context.me), chat }))
      return { message: messages[0] as Message, replies: messages.slice(1), ends: answer.replies.length < pageSize }
    }
  }
}
