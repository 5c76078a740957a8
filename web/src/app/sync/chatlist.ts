// Brings the chat list, and what is unread, in line with the server: after every connection, and whenever what was
// pushed does not tell.
import { chatList } from '@/api/history'
import { chatKey, type ChatKey } from '@/state/model'
import { chatFrom } from '@/state/from-wire'
import { setInboxes } from '@/state/inbox'
import { putRows, takeOffList } from '@/state/chatlist'
import { setFigures, type Figure } from '@/state/unread'
import { pause } from '@/api/http'
import type { Context } from './context'

const pageSize = 100

// Pushes that a figure holds already may arrive a moment after it.
const settle = 300
const untilQuiet = 2000

export class ChatList {
  readonly #context: Context
  #listing: AbortController | null = null
  #page: Promise<void> = Promise.resolve()
  #timers = new Map<() => Promise<void>, ReturnType<typeof setTimeout>>()

  constructor(context: Context) {
    this.#context = context
    context.signal.addEventListener('abort', () => {
      for (const timer of this.#timers.values()) clearTimeout(timer)
      this.#listing?.abort()
    })
  }

  /** Reads the whole list, page by page; what is not in it leaves the list here, too. */
  async readAll(): Promise<void> {
    this.#listing?.abort()
    const listing = new AbortController()
    this.#listing = listing
    const { touched } = this.#context
    const began = touched.now()
    const seen = new Set<ChatKey>()
    for (let index = 1; !listing.signal.aborted; index++) {
      const page = this.#readPage(index, seen, listing.signal)
      this.#page = page.then(
        () => undefined,
        () => undefined,
      )
      if ((await page) < pageSize) break
    }
    if (listing.signal.aborted) return
    this.#context.update((state) => {
      const gone = state.order.filter((key) => !seen.has(key) && !touched.atAllSince(key, began))
      return { ...gone.reduce(takeOffList, state), chatsComplete: true }
    })
    this.countSoon(untilQuiet)
  }

  /** Resolves when the page that is being read is there. */
  nextPage(): Promise<void> {
    return this.#page
  }

  /** Reads the first page anew: what has just changed stands there. */
  readSoon(): void {
    this.#later(this.#readFirst, settle)
  }

  /** Asks for the figures of what is unread. */
  countSoon(delay = settle): void {
    this.#later(this.#count, delay)
  }

  #later(what: () => Promise<void>, delay: number): void {
    clearTimeout(this.#timers.get(what))
    this.#timers.set(
      what,
      setTimeout(() => {
        this.#timers.delete(what)
        // The next connection begins with all of it again.
        what().catch(() => undefined)
      }, delay),
    )
  }

  readonly #readFirst = async (): Promise<void> => {
    await this.#readPage(1, new Set(), this.#context.signal)
  }

  async #readPage(index: number, seen: Set<ChatKey>, signal: AbortSignal): Promise<number> {
    const { touched, update } = this.#context
    const began = touched.now()
    const rows = (await chatList(index, pageSize, signal)).map(chatFrom)
    if (signal.aborted) return 0
    for (const row of rows) seen.add(row.key)
    const sure = rows.filter((row) => !touched.since(row.key, began))
    update((state) => putRows(state, sure))
    if (sure.length < rows.length) this.readSoon()
    return rows.length
  }

  readonly #count = async (): Promise<void> => {
    const { touched, request, update, connected, signal } = this.#context
    if (!connected()) return
    const began = touched.now()
    const [chats, inboxes, all] = await Promise.all([request('unread count', {}), request('inbox unread', {}), request('all unread', {})])
    await pause(settle, signal)
    const figures = new Map<ChatKey, Figure>()
    for (const u of chats.user) figures.set(chatKey(1, u.id), { unread: u.num, mention: null })
    for (const g of chats.group) figures.set(chatKey(2, g.id), { unread: g.num, mention: g.at && g.msgid ? String(g.msgid) : null })
    let left = false
    update((state) => {
      const spared = new Set<ChatKey>()
      for (const key of Object.keys(state.chats)) if (touched.atAllSince(key, began)) spared.add(key)
      left = spared.size > 0
      const counted = setInboxes(setFigures(state, figures, spared), inboxes, spared)
      return { ...counted, totals: { count: all.count, muted: all.notPush } }
    })
    if (left) this.countSoon(untilQuiet)
  }
}

