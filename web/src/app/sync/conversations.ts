// Loads parts of conversations, and updates them after a lost connection.
import { largestPage, messagesAfter, messagesAround, messagesBefore, unreadPlace, type HistoryRow } from '@/api/history'
import { ApiError, pause } from '@/api/http'
import { textOf } from '@/lib/refusal'
import { changeConversation, changeOrMake, isLoaded, beginHere, closed, loadedNow, loading as begun, newConversation, beginGap, putMessages, putNewLine, putNewer, putOld, putOlder, putStretch, renewed } from '@/state/conversation'
import { compareIds } from '@/state/id'
import { counts } from '@/state/unread'
import { messageFrom } from '@/state/from-wire'
import type { UnreadPlace } from '@/wire/api.gen'
import type { Begin, ChatKey, Conversation, Message } from '@/state/model'
import type { Context } from './context'
import { placesOf, type KeptPlace } from './places'

const pageSize = 50
const around = 60
// Pages of missed messages that are loaded at once. If there are more, the chat shows its end, and the rest is loaded on scrolling back.
const catchUpPages = 5
// Number of messages that must be loaded before the one at which the chat opens.
const linesBefore = 10
// Pauses between attempts of the first load, in milliseconds.
const firstPause = 1000
const longestPause = 15_000
// Time for the server to answer before the messages of the last visit are shown, in milliseconds.
const patience = 1000
// Number of conversations that stay in memory.
const kept = 12

/** The ends of conversations, stored by the last visit. */
interface KeptEnds {
  messages(chat: ChatKey): Promise<Message[]>
  /** The chat cannot be read any more. */
  remove(chat: ChatKey): void
}

const nothing: KeptEnds = { messages: () => Promise.resolve([]), remove: () => undefined }

type Loading = Exclude<Conversation['loading'], 'none'>
type Outcome = 'done' | 'called off' | 'refused' | 'no answer'

/** Whether the server has refused the request, so that repeating it does not help. */
const isRefused = (error: unknown): boolean => error instanceof ApiError && error.status < 500

/** Whether own messages wait to be sent. Sending takes the reader to the end, and the end is shown again after a reload. */
const sends = (c: Conversation | undefined): boolean => c?.outbox.some((m) => m.sending.state !== 'failed') ?? false

/** The place at which the reader left the chat, if its message is in the list. */
const at = (left: KeptPlace | undefined, messages: readonly Message[]): Begin | null => (left && messages.some((m) => m.id === left.id) ? { to: 'message', ...left } : null)

/** Puts the line of the new messages above the first missed message, unless it is above one that has not been read yet. */
function missed(c: Conversation, rows: readonly Message[]): Conversation {
  const first = rows.find(counts)
  return first?.id && (!c.away || !c.newFrom) ? putNewLine(c, first.id, first.at) : c
}

export class Conversations {
  readonly #context: Context
  readonly #lastVisit: KeptEnds
  readonly #loads = new Map<ChatKey, AbortController>()
  /** The conversations that were opened last, the newest at the end. */
  #recent: ChatKey[] = []

  constructor(context: Context, lastVisit: KeptEnds = nothing) {
    this.#context = context
    this.#lastVisit = lastVisit
    context.signal.addEventListener('abort', () => {
      for (const load of this.#loads.values()) load.abort()
    })
  }

  /** Loads the part of the conversation at which it opens: the place where the reader left it, its first unread message, or its end. */
  async open(key: ChatKey): Promise<void> {
    const { state, update, connected } = this.#context
    this.#keep(key)
    const unread = state().chats[key]?.unread ?? 0
    update((s) => changeOrMake(s, key, closed))
    const now = state().conversations[key] as Conversation
    const complete = isLoaded(now) && !now.hasNewer && !now.gap
    const here = beginHere(now, unread)
    // Without a connection, the loaded messages are shown and updated later.
    if ((complete && (unread === 0 || here.newFrom)) || (isLoaded(now) && !connected())) {
      const begin = at(placesOf(this.#context.me)[key], now.messages) ?? (sends(now) ? { to: 'end' } : here.begin)
      update((s) => changeConversation(s, key, () => ({ ...here, begin })))
      return
    }
    await this.#first(key)
  }

  /** Replaces the loaded messages by the newest ones, and shows the end. */
  async newest(key: ChatKey): Promise<void> {
    await this.#load(key, 'first', async (signal) => {
      const rows = this.#newestFirst(await messagesBefore(key, null, { num: pageSize, signal }))
      return (c) => ({ ...putStretch(c, rows, { older: rows.length === pageSize, newer: false }), begin: { to: 'end' } })
    })
  }

  /** Loads the part at which the chat opens. Without an answer, the request is repeated while the chat is open. */
  async #first(key: ChatKey): Promise<void> {
    const { state, signal } = this.#context
    const late = setTimeout(() => void this.#showOld(key), state().connection === 'offline' ? 0 : patience)
    for (let wait = firstPause; ; wait = Math.min(wait * 2, longestPause)) {
      const done = await this.#load(key, 'first', (stop) => this.#beginning(key, stop))
      if (done !== 'called off') clearTimeout(late)
      if (done === 'refused') this.#lastVisit.remove(key)
      if (done !== 'no answer') return
      void this.#showOld(key)
      await pause(wait, signal)
      if (state().current !== key || isLoaded(state().conversations[key]) || this.#loads.has(key)) return
    }
  }

  /** Shows the messages of the last visit until the server has answered. */
  async #showOld(key: ChatKey): Promise<void> {
    const { state, update, me } = this.#context
    if (state().current !== key || isLoaded(state().conversations[key])) return
    const messages = await this.#lastVisit.messages(key)
    update((s) =>
      changeConversation(s, key, (c) => {
        if (c.begin || isLoaded(c)) return c
        const line = s.chats[key]
        // The unread messages are the latest ones. If the latest message is missing, it is unknown which of these are unread.
        const shown = putOld(c, messages, line && line.lastId === messages.at(-1)?.id ? line.unread : 0)
        const begin = shown.old && (at(placesOf(me)[key], messages) ?? (sends(c) ? ({ to: 'end' } as const) : null))
        return begin ? { ...shown, begin } : shown
      }),
    )
  }

  /** Shows the open chat with the messages of the last visit while there is no connection. */
  offline(): void {
    const { current } = this.#context.state()
    if (current) void this.#showOld(current)
  }

  async #beginning(key: ChatKey, signal: AbortSignal): Promise<(c: Conversation) => Conversation> {
    const left = placesOf(this.#context.me)[key]
    const toEnd = !left && sends(this.#context.state().conversations[key])
    const [unread, newest] = await Promise.all([this.#unreadFrom(key, signal), messagesBefore(key, null, { num: pageSize, signal })])
    const from = toEnd ? null : (left?.id ?? unread.first)
    let rows = this.#newestFirst(newest)
    let has = { older: rows.length === pageSize, newer: false }
    if (from && has.older && rows.findIndex((m) => m.id === from) < linesBefore) {
      const found = await this.#around(key, from, signal).catch((error: unknown) => {
        if (isRefused(error)) return null // the message is gone
        throw error
      })
      if (found) ({ rows, has } = found)
    }
    const begin = at(left, rows) ?? { to: unread.first && !toEnd ? 'new' : 'end' }
    return (c) => {
      // A reader who has scrolled back in the messages of the last visit stays there.
      const stays = c.old && c.away && c.begin && !unread.first && rows.some((m) => m.id === c.messages[0]?.id)
      return { ...putNewLine(putStretch(c, rows, has), unread.first ?? null, unread.at), begin: stays ? c.begin : begin }
    }
  }

  async #unreadFrom(key: ChatKey, signal: AbortSignal): Promise<Partial<UnreadPlace>> {
    try {
      return await unreadPlace(key, signal)
    } catch (error) {
      // The relation may have ended. The request for the history tells what can still be read.
      if (isRefused(error)) return {}
      throw error
    }
  }

  async #around(key: ChatKey, id: string, signal: AbortSignal): Promise<{ rows: Message[]; has: { older: boolean; newer: boolean } }> {
    const rows = this.#messages(await messagesAround(key, id, { num: around + 1, signal }))
    const before = rows.findIndex((m) => m.id === id)
    return { rows, has: { older: before >= around / 2, newer: rows.length - before > around / 2 } }
  }

  async older(key: ChatKey): Promise<void> {
    const c = this.#context.state().conversations[key]
    const first = c?.messages[0]?.id
    if (!c?.hasOlder || !first || c.old || c.loading !== 'none') return
    await this.#load(key, 'older', async (signal) => {
      const rows = this.#newestFirst(await messagesBefore(key, first, { num: pageSize, signal }))
      return (now) => putOlder(now, rows, rows.length < pageSize)
    })
  }

  async newer(key: ChatKey): Promise<void> {
    const c = this.#context.state().conversations[key]
    const last = c?.messages.at(-1)?.id
    if (!c?.hasNewer || !last || c.loading !== 'none') return
    await this.#load(key, 'newer', async (signal) => {
      const rows = this.#messages(await messagesAfter(key, last, { num: pageSize, signal }))
      return (now) => putNewer(now, rows, rows.length < pageSize)
    })
  }

  async jump(key: ChatKey, id: string): Promise<void> {
    const { state, update } = this.#context
    this.#keep(key)
    const light = (c: Conversation): Conversation => ({ ...c, jump: { id, at: Date.now() } })
    const here = state().conversations[key]
    if (here?.begin && here.messages.some((m) => m.id === id)) {
      update((s) => changeConversation(s, key, light))
      return
    }
    update((s) => changeOrMake(s, key, (c) => c))
    await this.#load(key, 'around', async (signal) => {
      // The chat may be opened by this jump.
      const [{ rows, has }, unread] = await Promise.all([this.#around(key, id, signal), this.#unreadFrom(key, signal)])
      return (c) => {
        const next = putStretch({ ...c, away: true }, rows, has)
        return light({ ...(c.newFrom ? next : putNewLine(next, unread.first ?? null, unread.at)), begin: c.begin ?? { to: 'end' } })
      }
    })
    const { error } = state().conversations[key] ?? {}
    if (!error) return
    // The error belongs to the jump, not to the conversation.
    update((s) => changeConversation(s, key, (c) => ({ ...c, error: null })))
    if (!isLoaded(state().conversations[key])) await this.#first(key)
    throw new Error(error)
  }

  /** Notes that the connection was lost: messages at the end and withdrawals anywhere may be missing. */
  lost(): void {
    this.#context.update((s) => {
      let after = s
      for (const key of Object.keys(s.conversations)) after = changeConversation(after, key, beginGap)
      return after
    })
  }

  /** Updates the open conversation after a reconnect. The others are loaded when they are opened. */
  async connected(): Promise<void> {
    const { state, update } = this.#context
    const current = state().current
    for (const key of Object.keys(state().conversations)) if (key !== current) this.#drop(key)
    if (!current) return
    const c = state().conversations[current]
    const last = c?.messages.at(-1)?.id
    const first = c?.messages[0]?.id
    // An empty conversation is loaded again, too, because there may be messages now.
    if (!c || !last || !first) return this.#first(current)
    if (c.old && !(c.away && state().chats[current]?.unread === 0)) return this.#first(current)
    update((s) => changeConversation(s, current, (now) => ({ ...renewed(now), error: null })))
    if (!c.hasNewer) await this.#catchUp(current, last)
    await this.#renew(current, first, last)
  }

  /** Loads the messages after a message, each once and in order. */
  async #catchUp(key: ChatKey, from: string): Promise<void> {
    let last = from
    let ended = false
    for (let page = 0; page < catchUpPages; page++) {
      const since = last
      const done = await this.#load(key, 'newer', async (signal) => {
        const rows = this.#messages(await messagesAfter(key, since, { num: largestPage, signal }))
        ended = rows.length < largestPage
        last = rows.at(-1)?.id ?? last
        return (c) => putNewer(page === 0 ? missed(c, rows) : c, rows, ended)
      })
      if (ended || done !== 'done' || this.#context.state().conversations[key]?.error) return
    }
    const away = this.#context.state().conversations[key]?.away
    // A reader who has scrolled back stays there; the rest is loaded on scrolling down.
    if (away) this.#context.update((s) => changeConversation(s, key, (c) => ({ ...c, hasNewer: true })))
    else await this.newest(key)
  }

  /** Loads the messages again that were loaded before, the newest first, because some may have been withdrawn. */
  async #renew(key: ChatKey, first: string, last: string): Promise<void> {
    const { state, update, signal } = this.#context
    let rows = this.#messages(await messagesAround(key, last, { num: 1, signal }))
    for (;;) {
      const page = rows
      const oldest = page.at(-1)?.id
      const c = state().conversations[key]
      // The messages were replaced in the meantime by newly loaded ones.
      if (!oldest || !c || !c.messages.some((m) => m.id === last)) return
      const start = c.messages[0]?.id ?? first
      update((s) => changeConversation(s, key, (now) => putMessages(now, page.filter((m) => compareIds(m.id ?? '', start) >= 0))))
      if (compareIds(oldest, start) <= 0) return
      rows = this.#messages(await messagesBefore(key, oldest, { num: largestPage, signal }))
    }
  }

  /** Runs one load at a time for each conversation; a later one cancels the earlier one. */
  async #load(key: ChatKey, loading: Loading, load: (signal: AbortSignal) => Promise<(c: Conversation) => Conversation>): Promise<Outcome> {
    const { update } = this.#context
    this.#loads.get(key)?.abort()
    const own = new AbortController()
    this.#loads.set(key, own)
    // A first load is repeated until it succeeds, so its error stays on the screen meanwhile.
    update((s) => changeConversation(s, key, (c) => ({ ...begun(c, loading), error: loading === 'first' ? c.error : null })))
    let change: (c: Conversation) => Conversation
    let outcome: Outcome = 'done'
    try {
      change = await load(own.signal)
    } catch (error) {
      const text = textOf(error)
      change = (c) => ({ ...c, error: text })
      outcome = isRefused(error) ? 'refused' : 'no answer'
    }
    if (own.signal.aborted) return 'called off'
    this.#loads.delete(key)
    update((s) => changeConversation(s, key, (c) => loadedNow(change(c))))
    return outcome
  }

  #newestFirst(rows: readonly HistoryRow[]): Message[] {
    return this.#messages(rows).toReversed()
  }

  #messages(rows: readonly HistoryRow[]): Message[] {
    return rows.map((row) => messageFrom(row, this.#context.me))
  }

  #keep(key: ChatKey): void {
    this.#recent = [...this.#recent.filter((k) => k !== key), key]
    while (this.#recent.length > kept) this.#drop(this.#recent.shift() as ChatKey)
  }

  // Unsent messages stay, because they are nowhere else.
  #drop(key: ChatKey): void {
    this.#loads.get(key)?.abort()
    this.#loads.delete(key)
    this.#recent = this.#recent.filter((k) => k !== key)
    this.#context.update((s) => {
      const { [key]: dropped, ...conversations } = s.conversations
      if (!dropped) return s
      const outbox = dropped.outbox.filter((m) => m.id === null)
      if (outbox.length === 0) return { ...s, conversations }
      return { ...s, conversations: { ...conversations, [key]: { ...newConversation(key), outbox } } }
    })
  }
}
