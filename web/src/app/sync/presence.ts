// Tells the server what this tab has read. The chat whose end is on the screen while the window is in front is its
// current chat: what arrives there is read. Where the end is not on the screen, the chat is read up to the last message
// that is.
import { changeChat } from '@/state/chatlist'
import { isNewer } from '@/state/id'
import { chatRef, isInbox, type ChatKey } from '@/state/model'
import { atEnd, readAll } from '@/state/unread'
import { SocketError, offline } from '@/socket/connection'
import { inFront, whenFrontChanges } from '@/lib/inFront'
import type { Context } from './context'

// A message that is on the screen for a shorter time has not been seen, milliseconds.
const glance = 150

export class Presence {
  readonly #context: Context
  readonly #doubt: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  // The server knows no such chat: asking again and again would not help.
  #refused: ChatKey | null = null
  /** The open chat, while it is marked as unread: it is not read until it is opened again. */
  #held: ChatKey | null = null
  /** The last message that is on the screen. */
  #seen: { key: ChatKey; id: string } | null = null
  /** Up to which message each chat was read from here, as the server has acknowledged. */
  readonly #read = new Map<ChatKey, string>()
  #reading = false
  #readTimer: ReturnType<typeof setTimeout> | undefined

  constructor(context: Context, doubt: () => void) {
    this.#context = context
    this.#doubt = doubt
    context.signal.addEventListener('abort', () => {
      clearTimeout(this.#timer)
      clearTimeout(this.#readTimer)
    })
    whenFrontChanges(() => this.look(), context.signal)
  }

  /** The last message on the screen is another. null: what is on the screen does not count as read. */
  saw(key: ChatKey, id: string | null): void {
    this.#seen = id === null ? null : { key, id }
    this.look()
  }

  /** Called whenever what decides may have changed. */
  look(): void {
    this.#readSoon()
    const wanted = this.#wanted()
    const { looking } = this.#context.state()
    clearTimeout(this.#timer)
    if (wanted === undefined || wanted === looking) return
    if (wanted === null) void this.#end()
    else this.#timer = setTimeout(() => this.#wanted() === wanted && void this.#begin(wanted), glance)
  }

  /** The chat that should be the one looked at; undefined: there is nobody to tell. */
  #wanted(): ChatKey | null | undefined {
    const { state, connected } = this.#context
    if (!connected()) return undefined
    const { current, conversations } = state()
    const sees = current !== null && inFront() && !isInbox(chatRef(current).type) && current !== this.#refused && current !== this.#held && atEnd(conversations[current])
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

  /** The figures say that something is unread in the open chat: it may be something that was seen. */
  readAgain(): void {
    const { state, update, touched } = this.#context
    const { looking, current, chats } = state()
    if (!current || current === this.#held || !chats[current]?.unread) return
    if (looking) {
      touched.read(looking)
      update((s) => changeChat(s, looking, readAll))
      void this.#clear(looking).catch(() => this.#doubt())
    } else this.#readSoon()
  }

  /** Somebody has reacted: in the chat that is looked at, the mark in the list is seen already. */
  reacted(): void {
    const { state, update, touched } = this.#context
    const { looking, chats } = state()
    if (!looking || !chats[looking]?.reaction) return
    touched.read(looking)
    update((s) => changeChat(s, looking, readAll))
    void this.#clear(looking).catch(() => this.#doubt())
  }

  /** Another chat is opened, or none: it may be asked about again. */
  opened(): void {
    this.#refused = null
    this.#held = null
  }

  /** The chat is being marked as unread: what is on the screen is not read until it is opened again. false: it was held already. */
  hold(key: ChatKey): boolean {
    this.#read.delete(key)
    if (this.#context.state().current !== key || this.#held === key) return false
    this.#held = key
    return true
  }

  /** The chat is marked. `looked`: it was the one looked at, which the server still believes. */
  held(key: ChatKey, looked: boolean): void {
    if (!looked) return
    this.#context.touched.read(key)
    void this.#context.request('clear chat', {}).catch(() => undefined)
  }

  /** The chat is read in another way, or was not marked after all. */
  release(key: ChatKey | null): void {
    if (this.#held === null || (key !== null && key !== this.#held)) return
    this.#held = null
    this.look()
  }

  /** What was read is unread again, so it has to be read again. */
  takenBack(key: ChatKey): void {
    this.#read.delete(key)
  }

  // Reading up to a message

  /** The last message on the screen, if the server does not know yet that it was read. */
  #unreadSeen(): { key: ChatKey; id: string } | null {
    const { state, connected } = this.#context
    const seen = this.#seen
    const { current, looking, chats, conversations } = state()
    // Before messages of the last visit there may be unread ones that are not here.
    if (current && conversations[current]?.old) return null
    if (!seen || !connected() || !inFront() || seen.key !== current || current === looking || current === this.#refused || current === this.#held) return null
    // Whether a chat that is not in the list yet has unread messages is not known.
    if (chats[current] && !chats[current].unread) return null
    return isNewer(seen.id, this.#read.get(current) ?? '') ? seen : null
  }

  #readSoon(): void {
    if (this.#readTimer !== undefined || this.#reading || !this.#unreadSeen()) return
    this.#readTimer = setTimeout(() => {
      this.#readTimer = undefined
      void this.#readSeen()
    }, glance)
  }

  async #readSeen(): Promise<void> {
    const seen = this.#unreadSeen()
    if (!seen || this.#reading) return
    this.#reading = true
    try {
      await this.#clear(seen.key, seen.id)
    } catch (error) {
      if (error instanceof SocketError && error.message === offline) return // the next connection tells it
      this.#read.set(seen.key, seen.id)
      this.#doubt()
    } finally {
      this.#reading = false
    }
    this.#readSoon()
  }

  /** Reads a chat up to a message, or what is here of it. */
  async #clear(key: ChatKey, upTo?: string): Promise<void> {
    const { request, state } = this.#context
    const msgid = upTo ?? state().conversations[key]?.messages.at(-1)?.id
    const { type, id } = chatRef(key)
    await request('clear unread', { type, id, ...(msgid && { msgid }) })
    if (msgid && isNewer(msgid, this.#read.get(key) ?? '')) this.#read.set(key, msgid)
  }

  // Looking at the end

  async #begin(key: ChatKey): Promise<void> {
    const { update, request, touched, state } = this.#context
    const chat = state().chats[key]
    const unread = (chat?.unread ?? 1) > 0 || chat?.reaction !== undefined
    const left = state().looking
    if (left) touched.read(left)
    touched.read(key)
    const last = () => state().conversations[key]?.messages.at(-1)?.id
    const before = last()
    update((s) => changeChat({ ...s, looking: key }, key, readAll))
    try {
      const [found] = await Promise.all([request('current chat', { id: chatRef(key).id }), unread ? this.#clear(key) : null])
      touched.read(key)
      if (found !== 1) {
        this.#refused = key
        update((s) => (s.looking === key ? { ...s, looking: null } : s))
      } else if (last() !== before && state().looking === key) {
        // The latest message may have arrived before the server had this request.
        await this.#clear(key)
      }
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
