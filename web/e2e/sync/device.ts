import type { Socket as NetSocket } from 'node:net'
import { io, type Socket } from 'socket.io-client'
import type { Draft, Pushes, Requests } from '@/wire/wire.gen'
import type { HistoryRow } from '@/api/history'
import { waitingId } from '@/lib/waiting-id'
import { toGroup, type GroupRow } from '@/api/group'
import { touchOf } from '@/app/sync/touches'
import { applyPush, edited, faceOf, withdrawn } from '@/state/apply'
import { changeChat, doubtful, messageInList, putRows, takeOffList } from '@/state/chatlist'
import { changeMessages, changeOrMake, markIn, putStretch, reactIn } from '@/state/conversation'
import { chatFrom, messageFrom } from '@/state/from-wire'
import { replaces } from '@/state/draft'
import { putGroup } from '@/state/group'
import { setInboxes } from '@/state/inbox'
import { acknowledged } from '@/state/outbox'
import { pinned, putPins } from '@/state/pin'
import { putThread, threadLoading, threadOpened } from '@/state/thread'
import { reactionsFrom } from '@/state/reaction'
import { chatKey, chatRef, isInbox, type ChatKey, type Message } from '@/state/model'
import { initialState, type State } from '@/state/store'
import { readAll, setFigures, type Figure } from '@/state/unread'
import type { ChatRow } from '@/wire/wire.gen'
import type { Server } from '../server'

/** A person with a token. */
export interface Person {
  id: string
  name: string
  token: string
}

/** Those with a text, by chat. */
export const draftsOf = (drafts: readonly Draft[]): Record<ChatKey, Draft> =>
  Object.fromEntries(drafts.filter(({ msg }) => msg !== '').map((draft) => [chatKey(draft.type, draft.id), draft]))

/**
 * A device of a person that has nothing but the state functions: it reads a snapshot once, and from then on knows
 * only what is pushed and acknowledged to it, and what it is told to ask for in doubt.
 */
export class Device {
  state: State
  /** The texts that are not sent. */
  drafts: Record<ChatKey, Draft> = {}
  /** When each was written or emptied. */
  private written = new Map<ChatKey, number>()
  private socket!: Socket
  private waiters: { event: string; fits: (payload: never) => boolean; resolve: () => void }[] = []
  private sent = 0
  /** Hears of a push before it is in the state. */
  onPush?: (event: keyof Pushes, payload: unknown) => void
  /** What was pushed, in its order. */
  log: { event: keyof Pushes; payload: unknown }[] = []
  /** Chats that were read from here, while pushes of what was said before may still be on their way. */
  private unsure = new Set<ChatKey>()

  constructor(
    private readonly server: Server,
    readonly person: Person,
  ) {
    const { id, name } = person
    this.state = { ...initialState, me: { id, name, avatar: '', sessionId: '', organizations: [], hasPassword: false } }
  }

  async connect(): Promise<void> {
    this.socket = io(this.server.demo.url, {
      auth: { token: this.person.token, app: this.server.demo.app },
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
    })
    this.socket.onAny((event: string, payload: unknown) => {
      this.onPush?.(event as keyof Pushes, payload)
      this.log.push({ event: event as keyof Pushes, payload })
      const { looking } = this.state
      this.state = applyPush(this.state, event as keyof Pushes, payload as never, 0)
      if (event === 'mark unread') this.endLook(looking)
      if (event === 'draft changed') this.take(payload as Draft)
      const touch = touchOf(event as keyof Pushes, payload as never, this.person.id)
      if (touch?.isMessage && touch.key && this.unsure.has(touch.key)) this.state = doubtful(this.state, 'unread')
      for (const w of this.waiters.filter((one) => one.event === event && one.fits(payload as never))) {
        this.waiters.splice(this.waiters.indexOf(w), 1)
        w.resolve()
      }
    })
    await new Promise<void>((resolve, reject) => {
      this.socket.once('connect', resolve)
      this.socket.once('connect_error', reject)
    })
  }

  close(): void {
    this.socket.disconnect()
  }

  /** Ends the connection with a reset, which the server takes for an error. */
  break(): void {
    const { ws } = this.socket.io.engine.transport as unknown as { ws: { _socket: NetSocket } }
    // oxlint-disable-next-line eslint/no-underscore-dangle -- the socket below has no public name in ws
    ws._socket.resetAndDestroy()
  }

  get connected(): boolean {
    return this.socket.connected
  }

  /** Resolves when the connection is lost. */
  lost(): Promise<void> {
    return this.connected ? new Promise((resolve) => this.socket.once('disconnect', () => resolve())) : Promise.resolve()
  }

  /** Resolves when the push has come and is in the state. */
  heard<E extends keyof Pushes>(event: E, fits: (payload: Pushes[E]) => boolean): Promise<void> {
    return new Promise((resolve) => this.waiters.push({ event, fits, resolve }))
  }

  request<E extends keyof Requests>(event: E, payload: Requests[E]['payload']): Promise<Requests[E]['result']> {
    return new Promise((resolve, reject) => {
      this.socket.emit(event, payload, (refusal: false | { error: string }, result: never) => {
        if (refusal) reject(new Error(refusal.error))
        else resolve(result)
      })
    })
  }

  async get<T>(path: string): Promise<T> {
    const answer = await fetch(this.server.demo.url + path, { headers: { Authorization: `Bearer ${this.person.token}` } })
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }

  async ask(method: string, path: string, body: string | undefined): Promise<unknown> {
    const answer = await fetch(this.server.demo.url + path, {
      method,
      headers: { Authorization: `Bearer ${this.person.token}`, ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body }),
    })
    const text = await answer.text()
    return text ? (JSON.parse(text) as unknown) : null
  }

  // What is asked of the server

  async readChats(): Promise<void> {
    const rows = await this.get<ChatRow[]>('/chat_list?pageSize=100')
    this.state = putRows(this.state, rows.map(chatFrom))
    const seen = new Set(rows.map((row) => chatKey(row.type, row.value)))
    for (const key of this.state.order) if (!seen.has(key)) this.state = takeOffList(this.state, key)
    this.state = { ...this.state, chatsComplete: true }
  }

  async readFigures(): Promise<void> {
    const [chats, inboxes] = await Promise.all([this.request('unread count', {}), this.request('inbox unread', {})])
    const figures = new Map<ChatKey, Figure>()
    for (const u of chats.user) figures.set(chatKey(1, u.id), { unread: u.num, mention: null })
    for (const g of chats.group) figures.set(chatKey(2, g.id), { unread: g.num, mention: g.msgid ? String(g.msgid) : null })
    this.state = setInboxes(setFigures(this.state, figures, new Set()), inboxes, new Set())
  }

  async readConversation(key: ChatKey): Promise<void> {
    const { type, id } = chatRef(key)
    const rows = await this.get<HistoryRow[]>(type === 2 ? `/group_messages?groupid=${id}&num=100` : `/messages?accountid=${id}&num=100`)
    const messages = rows.map((row) => messageFrom(row, this.person.id))
    this.state = changeOrMake(this.state, key, (c) => putStretch(c, messages, { older: rows.length === 100, newer: false }))
  }

  /** Asks over its own connection, or that of another device of the person. */
  async readPins(key: ChatKey, through: Device = this): Promise<void> {
    const { type, id } = chatRef(key)
    const list = await through.request('pinned messages', { type, id })
    this.state = putPins(this.state, key, list)
  }

  /** Opens the thread of a message, as app/sync/threads.ts does. */
  async readThread(key: ChatKey, messageId: string, through: Device = this): Promise<void> {
    const { type, id } = chatRef(key)
    this.state = threadLoading(threadOpened(this.state, key, messageId), 'first')
    const { message, replies } = await through.request('message replies', { type, id, messageId, limit: 100 })
    const [root, ...rest] = [message, ...replies].map((row) => ({ ...messageFrom(row, this.person.id), chat: key }))
    if (root) this.state = putThread(this.state, root, rest, replies.length < 100)
  }

  /** As app/sync/readMarks.ts does for the chat that is looked at. */
  private async readMarks(key: ChatKey): Promise<void> {
    const { type, id } = chatRef(key)
    const pushed = (): number => this.log.filter(({ event }) => event === 'read marks').length
    for (let before = -1; before !== pushed(); ) {
      before = pushed()
      const own = (this.state.conversations[key]?.messages ?? []).flatMap((m) => (m.mine && m.id && !m.withdrawn && !m.system ? [m.id] : []))
      for (let from = 0; from < own.length; from += 100) {
        const messageIds = own.slice(from, from + 100)
        const { marks } = await this.request('read marks', { type, id, messageIds })
        const now = new Map(messageIds.map((one) => [one, { read: 0, of: 0 }]))
        for (const m of marks) now.set(m.id, { read: m.read, of: m.of })
        this.state = changeMessages(this.state, key, (c) => markIn(c, now))
      }
    }
  }

  async readGroup(id: string): Promise<void> {
    const row = await this.get<GroupRow>(`/api/groups/${id}`)
    this.state = putGroup(this.state, toGroup(row))
  }

  // What a person does

  async send(key: ChatKey, content: Partial<Requests['send message']['payload']> = {}): Promise<string> {
    const { type, id } = chatRef(key)
    const waitingid = waitingId()
    const body = { msg: `message ${++this.sent}`, type: 1, waitingid, ...content }
    const ack = type === 2 ? await this.request('send group message', { togroup: id, ...body }) : await this.request('send message', { touser: id, ...body })
    const m = messageFrom(ack.socket, this.person.id)
    this.state = messageInList(acknowledged(this.state, waitingid, m), m, faceOf(ack.socket, m))
    return ack.id
  }

  async withdraw(m: Message): Promise<void> {
    const { type, id } = chatRef(m.chat)
    const messageId = m.id ?? ''
    const ack =
      type === 2
        ? await this.request('withdraw group message', { messageId, groupid: id })
        : await this.request('withdraw user message', { messageId, touser: id })
    this.state = withdrawn(this.state, m.chat, messageId, ack.socket.msg.con, m.mine)
  }

  async edit(m: Message, text: string): Promise<void> {
    const { type, id } = chatRef(m.chat)
    const { socket } = await this.request('edit message', { type, id, messageId: m.id ?? '', msg: text })
    this.state = edited(this.state, m.chat, m.id ?? '', socket.msg.con, socket.edited ?? 0)
  }

  async write(key: ChatKey, msg: string): Promise<void> {
    this.take(await this.request('set draft', { ...chatRef(key), msg }))
  }

  /** As the session does. An acknowledgement may overtake a push. */
  private take(draft: Draft): void {
    const key = chatKey(draft.type, draft.id)
    const at = this.written.get(key)
    if (!replaces(at === undefined ? undefined : { at, sent: true }, draft.time)) return
    this.written.set(key, draft.time)
    const { [key]: _, ...others } = this.drafts
    this.drafts = { ...others, ...draftsOf([draft]) }
  }

  async react(m: Message, emoji: string, isOn: boolean): Promise<void> {
    const { type, id } = chatRef(m.chat)
    const messageId = m.id ?? ''
    const { reactions } = await this.request('set reaction', { type, id, messageId, emoji, isOn })
    this.state = changeMessages(this.state, m.chat, (c) => reactIn(c, messageId, () => reactionsFrom(reactions)))
  }

  async markUnread(m: Message): Promise<void> {
    const { type, id } = chatRef(m.chat)
    this.marked(await this.request('mark unread', { type, id, msgid: m.id ?? '' }))
  }

  private marked(figure: Pushes['mark unread']): void {
    const { looking } = this.state
    this.state = applyPush(this.state, 'mark unread', figure, 0)
    this.endLook(looking)
  }

  /** As the session does where a chat that is looked at is marked as unread. */
  private endLook(before: ChatKey | null): void {
    if (before === null || this.state.looking !== null) return
    this.unsure.add(before)
    void this.request('clear chat', {}).catch(() => undefined)
  }

  async pin(m: Message, isPinned: boolean): Promise<void> {
    const { type, id } = chatRef(m.chat)
    const set = await this.request('set pin', { type, id, messageId: m.id ?? '', isPinned })
    this.state = pinned(this.state, m.chat, set)
  }

  async read(key: ChatKey): Promise<void> {
    const { type, id } = chatRef(key)
    if (isInbox(type)) await this.request('clear notification', { type: id, value: 0, clear: true })
    else await this.request('clear unread', { type, id })
    this.haveRead(key)
  }

  /** Asks for what a transcript says, as a screen would, and makes of the answer what the session makes of it. */
  async act(event: keyof Requests, payload: unknown, isGroup: (id: string) => boolean): Promise<unknown> {
    const p = (payload ?? {}) as Record<string, never>
    const result = await this.request(event, p as never)
    const { id: me } = this.person
    switch (event) {
      case 'send message':
      case 'send group message': {
        const { socket, waitingid } = result as Requests['send message']['result']
        const m = messageFrom(socket, me)
        this.state = messageInList(acknowledged(this.state, waitingid ?? m.key, m), m, faceOf(socket, m))
        break
      }
      case 'withdraw user message':
      case 'withdraw group message': {
        const { id, socket } = result as Requests['withdraw user message']['result']
        const chat = event === 'withdraw group message' ? chatKey(2, p.groupid ?? '') : chatKey(1, p.touser ?? '')
        const mine = this.state.conversations[chat]?.messages.find((m) => m.id === id)?.mine ?? true
        this.state = withdrawn(this.state, chat, id, socket.msg.con, mine)
        break
      }
      case 'edit message': {
        const { id, socket } = result as Requests['edit message']['result']
        this.state = edited(this.state, chatKey(Number(p.type), p.id ?? ''), id, socket.msg.con, socket.edited ?? 0)
        break
      }
      case 'set reaction': {
        const { id, reactions } = result as Requests['set reaction']['result']
        this.state = changeMessages(this.state, chatKey(Number(p.type), p.id ?? ''), (c) => reactIn(c, id, () => reactionsFrom(reactions)))
        break
      }
      case 'set pin':
        this.state = pinned(this.state, chatKey(Number(p.type), p.id ?? ''), result as Requests['set pin']['result'])
        break
      case 'mark unread':
        this.marked(result as Requests['mark unread']['result'])
        break
      case 'clear unread':
        this.haveRead(chatKey(Number(p.type), p.id ?? ''))
        break
      case 'clear notification':
        if (p.clear) this.state = applyPush(this.state, event, { time: 0, type: p.type, value: p.value ?? 0 } as never, 0)
        break
      case 'voice as read':
        this.state = applyPush(this.state, event, { messageId: p.messageId ?? '' }, 0)
        break
      case 'current chat': {
        const id: string = p.id ?? ''
        // An inbox is looked at too, and not read by it.
        if (result === 1) this.state = { ...this.state, looking: chatKey(isGroup(id) ? 2 : 1, id) }
        break
      }
      case 'clear chat':
        if (this.state.looking) this.unsure.add(this.state.looking)
        this.state = { ...this.state, looking: null }
        break
      default:
    }
    return result
  }

  private haveRead(key: ChatKey): void {
    this.state = changeChat(this.state, key, readAll)
    this.unsure.add(key)
  }

  /** Everything that was done has been pushed. */
  settled(): void {
    this.unsure.clear()
  }

  async look(key: ChatKey | null): Promise<void> {
    // As the session does: from the moment of saying so.
    if (this.state.looking) this.unsure.add(this.state.looking)
    this.state = { ...this.state, looking: key }
    if (key === null) await this.request('clear chat', {})
    else {
      await this.request('current chat', { id: chatRef(key).id })
      await this.read(key)
      await this.readMarks(key)
    }
  }
}
