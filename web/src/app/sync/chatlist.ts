// Brings the chat list, and what is unread, in line with the server: after every connection, and whenever what was
// pushed does not tell.
import { chatList } from '@/api/history'
import { chatKey, type Chat, type ChatKey } from '@/state/model'
import { chatFrom } from '@/state/from-wire'
import { setInboxes } from '@/state/inbox'
import { compareChats, putRows, takeOffList } from '@/state/chatlist'
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

  /**
   * Reads the list, page by page; what is not in it leaves the list here, too. `missed`: not to its end, but as far as
   * a page brings something new, because only little can have been missed.
   */
  async read(how: 'all' | 'missed'): Promise<void> {
    this.#listing?.abort()
    const listing = new AbortController()
    this.#listing = listing
    const { touched, state, update } = this.#context
    const began = touched.now()
    const seen = new Set<ChatKey>()
    const known = how === 'missed' && state().chatsComplete
    let last: Chat | undefined
    for (let index = 1; ; index++) {
      const page = this.#readPage(index, seen, listing.signal)
      this.#page = page.then(
        () => undefined,
        () => undefined,
      )
      const { rows, changed } = await page
      if (listing.signal.aborted) return
      last = rows.at(-1)
      if (rows.length < pageSize) last = undefined
      if (!last || (known && !changed)) break
    }
    update((s) => {
      const end = last
      const gone = s.order.filter((key) => {
        const chat = s.chats[key]
        // A shake lists a chat of which the server has no row.
        return !seen.has(key) && !chat?.shakenAt && !touched.atAllSince(key, began) && (!end || (chat && compareChats(chat, end) < 0))
      })
      return { ...gone.reduce(takeOffList, s), chatsComplete: s.chatsComplete || !end }
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

  async #readPage(index: number, seen: Set<ChatKey>, signal: AbortSignal): Promise<{ rows: Chat[]; changed: boolean }> {
    const { touched, update, state } = this.#context
    const began = touched.now()
    const rows = (await chatList(index, pageSize, signal)).map(chatFrom)
    if (signal.aborted) return { rows: [], changed: false }
    for (const row of rows) seen.add(row.key)
    const sure = rows.filter((row) => !touched.since(row.key, began))
    const before = state().chats
    update((s) => putRows(s, sure))
    if (sure.length < rows.length) this.readSoon()
    const after = state().chats
    return { rows, changed: rows.some((row) => before[row.key] !== after[row.key]) }
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

