// Loads the stretches of conversations, and brings them up to date after a lost connection.
import { largestPage, messagesAfter, messagesAround, messagesBefore, type HistoryRow } from '@/api/history'
import { textOf } from '@/lib/refusal'
import { changeConversation, changeOrMake, isLoaded, markUnread, newConversation, beginGap, putMessages, putNewer, putOlder, putStretch } from '@/state/conversation'
import { compareIds } from '@/state/id'
import { messageFrom } from '@/state/from-wire'
import type { ChatKey, Conversation, Message } from '@/state/model'
import type { Context } from './context'

const pageSize = 50
const around = 60
// Who has missed more than this begins at the end; the rest is fetched on scrolling back.
const catchUpPages = 5
// Conversations that stay here after they were left.
const kept = 12

type Loading = Exclude<Conversation['loading'], 'none'>

export class Conversations {
  readonly #context: Context
  readonly #loads = new Map<ChatKey, AbortController>()
  /** The ones opened last, the newest last. */
  #recent: ChatKey[] = []

  constructor(context: Context) {
    this.#context = context
    context.signal.addEventListener('abort', () => {
      for (const load of this.#loads.values()) load.abort()
    })
  }

  /** Has the end of the conversation here, and the line above what is unread. */
  async open(key: ChatKey): Promise<void> {
    const { state, update } = this.#context
    this.#keep(key)
    const unread = state().chats[key]?.unread ?? 0
    update((s) => changeOrMake(s, key, (c) => ({ ...c, away: c.away ?? true, newFrom: null, jump: null, below: 0 })))
    const now = state().conversations[key]
    if (isLoaded(now) && !now?.hasNewer && !now?.gap) {
      update((s) => changeConversation(s, key, (c) => markUnread(c, unread)))
      return
    }
    await this.newest(key, unread)
  }

  /** Puts the newest messages in place of whatever is here. */
  async newest(key: ChatKey, unread = 0): Promise<void> {
    const num = Math.min(Math.max(pageSize, unread + 10), largestPage)
    await this.#load(key, 'first', async (signal) => {
      const rows = this.#messages(await messagesBefore(key, null, { num, signal })).toReversed()
      return (c) => markUnread(putStretch({ ...c, below: 0 }, rows, { older: rows.length === num, newer: false }), unread)
    })
  }

  async older(key: ChatKey): Promise<void> {
    const c = this.#context.state().conversations[key]
    const first = c?.messages[0]?.id
    if (!c?.hasOlder || !first || c.loading !== 'none') return
    await this.#load(key, 'older', async (signal) => {
      const rows = this.#messages(await messagesBefore(key, first, { num: pageSize, signal })).toReversed()
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
    if (state().conversations[key]?.messages.some((m) => m.id === id)) {
      update((s) => changeConversation(s, key, light))
      return
    }
    update((s) => changeOrMake(s, key, (c) => c))
    await this.#load(key, 'around', async (signal) => {
      const rows = this.#messages(await messagesAround(key, id, { num: around + 1, signal }))
      const before = rows.findIndex((m) => m.id === id)
      const has = { older: before >= around / 2, newer: rows.length - before > around / 2 }
      return (c) => light(putStretch({ ...c, away: true }, rows, has))
    })
    const { error } = state().conversations[key] ?? {}
    if (!error) return
    // There is nothing wrong with the conversation.
    update((s) => changeConversation(s, key, (c) => ({ ...c, error: null })))
    if (!isLoaded(state().conversations[key])) await this.newest(key)
    throw new Error(error)
  }

  /** The connection was lost: what is here may miss something at its end, and withdrawals anywhere. */
  lost(): void {
    this.#context.update((s) => {
      let after = s
      for (const key of Object.keys(s.conversations)) after = changeConversation(after, key, beginGap)
      return after
    })
  }

  /** There is a connection again. What nobody looks at is fetched when somebody does. */
  async connected(): Promise<void> {
    const { state, update } = this.#context
    const current = state().current
    for (const key of Object.keys(state().conversations)) if (key !== current) this.#drop(key)
    if (!current) return
    const c = state().conversations[current]
    if (!isLoaded(c)) return this.newest(current, state().chats[current]?.unread ?? 0)
    const last = c?.messages.at(-1)?.id
    const first = c?.messages[0]?.id
    if (!c || !last || !first) return this.newest(current)
    update((s) => changeConversation(s, current, (now) => ({ ...now, error: null })))
    if (!c.hasNewer) await this.#catchUp(current, last)
    await this.#renew(current, first, last)
  }

  /** Fetches what was missed behind the message, once and in order. */
  async #catchUp(key: ChatKey, from: string): Promise<void> {
    let last = from
    let ended = false
    for (let page = 0; page < catchUpPages; page++) {
      const since = last
      const done = await this.#load(key, 'newer', async (signal) => {
        const rows = this.#messages(await messagesAfter(key, since, { num: largestPage, signal }))
        ended = rows.length < largestPage
        last = rows.at(-1)?.id ?? last
        return (c) => putNewer(c, rows, ended)
      })
      if (ended || !done || this.#context.state().conversations[key]?.error) return
    }
    const away = this.#context.state().conversations[key]?.away
    // Who reads further back goes on reading, and meets the rest on the way down.
    if (away) this.#context.update((s) => changeConversation(s, key, (c) => ({ ...c, hasNewer: true })))
    else await this.newest(key)
  }

  /** Fetches anew what was here before, for what was withdrawn meanwhile; the newest first. */
  async #renew(key: ChatKey, first: string, last: string): Promise<void> {
    const { state, update, signal } = this.#context
    let rows = this.#messages(await messagesAround(key, last, { num: 1, signal }))
    for (;;) {
      const page = rows
      const oldest = page.at(-1)?.id
      const c = state().conversations[key]
      // It was replaced meanwhile, by what is new anyway.
      if (!oldest || !c || !c.messages.some((m) => m.id === last)) return
      const start = c.messages[0]?.id ?? first
      update((s) => changeConversation(s, key, (now) => putMessages(now, page.filter((m) => compareIds(m.id ?? '', start) >= 0))))
      if (compareIds(oldest, start) <= 0) return
      rows = this.#messages(await messagesBefore(key, oldest, { num: largestPage, signal }))
    }
  }

  /** One load at a time of each conversation; a later one calls the earlier off. false: it was called off. */
  async #load(key: ChatKey, loading: Loading, load: (signal: AbortSignal) => Promise<(c: Conversation) => Conversation>): Promise<boolean> {
    const { update } = this.#context
    this.#loads.get(key)?.abort()
    const own = new AbortController()
    this.#loads.set(key, own)
    update((s) => changeConversation(s, key, (c) => ({ ...c, loading, error: null })))
    let change: (c: Conversation) => Conversation
    try {
      change = await load(own.signal)
    } catch (error) {
      if (own.signal.aborted) return false
      const text = textOf(error)
      change = (c) => ({ ...c, error: text })
    }
    if (own.signal.aborted) return false
    this.#loads.delete(key)
    update((s) => changeConversation(s, key, (c) => ({ ...change(c), loading: 'none' })))
    return true
  }

  #messages(rows: readonly HistoryRow[]): Message[] {
    return rows.map((row) => messageFrom(row, this.#context.me))
  }

  #keep(key: ChatKey): void {
    this.#recent = [...this.#recent.filter((k) => k !== key), key]
    while (this.#recent.length > kept) this.#drop(this.#recent.shift() as ChatKey)
  }

  // What waits to be sent stays: it is nowhere else.
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
