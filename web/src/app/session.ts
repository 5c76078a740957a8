// A signed-in session: connects, keeps the store in line with the server, and does what the screens ask for. What an
// event means is state/'s; how each part is kept in line is sync/'s.
import { changeGroup, getGroup } from '@/api/group'
import { fileLinks } from '@/api/file'
import { authorize, pause } from '@/api/http'
import { getMe } from '@/api/me'
import { getPerson } from '@/api/people'
import { serverConfig, type ServerConfig } from '@/api/config'
import { signOut } from '@/api/signin'
import { extensionOf, upload } from '@/api/upload'
import { fileName } from '@/lib/plain'
import { connect, offline, SocketError, type Connection } from '@/socket/connection'
import { forgetAccount, isKept, renameAccount, signedIn, tabAccount, watchAccounts, type SignedIn } from './accounts'
import { announce, type Incoming } from './incoming'
import { signOutLater } from './signOutLater'
import { Availabilities } from './sync/availability'
import { ChatList } from './sync/chatlist'
import { Touched, type Context } from './sync/context'
import { Conversations } from './sync/conversations'
import { Drafts } from './sync/drafts'
import { incomingOf } from './sync/incoming'
import { forgetAll } from './sync/kept'
import { LastVisit } from './sync/lastVisit'
import { mentionIn } from './sync/mentioning'
import { Outbox } from './sync/outbox'
import { keepPlace } from './sync/places'
import { Presence } from './sync/presence'
import { ReadMarks } from './sync/readMarks'
import { Shakes } from './sync/shakes'
import { touchOf } from './sync/touches'
import { Typing } from './sync/typing'
import type { Actions } from '@/state/actions'
import { putAvailability } from '@/state/availability'
import { applyPush, edited, shook, withdrawn } from '@/state/apply'
import { changeChat, ensured, groupChat } from '@/state/chatlist'
import { changeConversation, closed, heardIn, isFresh, reactIn } from '@/state/conversation'
import { muted, putGroup } from '@/state/group'
import { cleared, silenced } from '@/state/inbox'
import { pinned, putPins } from '@/state/pin'
import { reactionsFrom } from '@/state/reaction'
import { idsOf } from '@/composer/mention'
import { rememberReaction } from '@/message/quickReactions'
import { rememberCalls, sentCalls } from '@/message/sentCalls'
import { chatKey, chatRef, isInbox, type ChatKey, type Me, type Message } from '@/state/model'
import { bindActions, initialState, useStore, type State } from '@/state/store'
import { readAll } from '@/state/unread'
import type { Category, Pushes } from '@/wire/wire.gen'

const longestFrame = 50

// After this time away, the unread figures are requested again.
const longAway = 60_000

/** How long the server may take to end the session, milliseconds. */
const signOutPatience = 5000

// After a longer time without a connection, the whole list is read again.
const longAgo = 60 * 60_000

/**
 * Starts the session of the tab's account; the returned function ends it. When it ends by itself, because the server
 * says so, the account is forgotten and State.connection is `signed-out`.
 */
export function startSession(account: SignedIn): () => void {
  const session = new Session(account)
  return () => session.stop()
}

/** A promise that is settled from outside, and that nobody has to wait for. */
function answer<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: unknown) => void } {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((res, rej) => {
    resolve = res
    reject = rej
  })
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}

class Session {
  readonly #account: SignedIn
  readonly #end = new AbortController()
  readonly #touched = new Touched()
  readonly #context: Context
  readonly #chats: ChatList
  readonly #conversations: Conversations
  readonly #lastVisit: LastVisit
  readonly #presence: Presence
  readonly #readMarks: ReadMarks
  readonly #typing: Typing
  readonly #availabilities: Availabilities
  readonly #outbox: Outbox
  readonly #drafts: Drafts
  readonly #shakes: Shakes
  #connection: Connection | null = null
  #pushes: { event: keyof Pushes; payload: never }[] = []
  #flushing = false
  readonly #groupsAsked = new Set<string>()
  readonly #draftsAsked = new Set<ChatKey>()
  #groupTimer: ReturnType<typeof setTimeout> | undefined
  #hiddenAt = 0
  /** Begins the next attempt to reach the server; used until there is a connection object, which has its own. */
  #tryNow: () => void = () => undefined
  /** What the server says about itself. While it cannot be reached, each failed attempt rejects the promise, and the next one gets a new promise. */
  #server = answer<ServerConfig>()
  /** When the connection was lost, Unix milliseconds; 0: there was none yet. */
  #lostAt = 0

  constructor(account: SignedIn) {
    this.#account = account
    const { id, name, avatar } = account.account
    const me: Me = { id, name, avatar, sessionId: account.sessionId, organizations: [], hasPassword: false }
    useStore.setState({ ...initialState, me }, true)
    authorize({ token: account.token, server: () => this.#server.promise }, () => this.#signedOut(false))
    this.#context = {
      me: id,
      signal: this.#end.signal,
      touched: this.#touched,
      connected: () => this.#connection?.connected ?? false,
      state: useStore.getState,
      request: (event, payload, timeout) =>
        this.#connection ? this.#connection.request(event, payload, timeout) : Promise.reject(new SocketError(offline)),
      update: (change) => this.#update(change),
    }
    this.#chats = new ChatList(this.#context)
    this.#lastVisit = new LastVisit(
      this.#context,
      signedIn().map((s) => s.account.id),
    )
    this.#conversations = new Conversations(this.#context, this.#lastVisit)
    this.#presence = new Presence(this.#context, () => this.#chats.countSoon())
    this.#readMarks = new ReadMarks(this.#context)
    this.#typing = new Typing(this.#context)
    this.#availabilities = new Availabilities(this.#context)
    this.#drafts = new Drafts(this.#context)
    this.#shakes = new Shakes(this.#context)
    this.#outbox = new Outbox(this.#context)
    bindActions(this.#actions())
    this.#watch()
    void this.#start()
  }

  stop(): void {
    if (this.#end.signal.aborted) return
    this.#flush()
    this.#end.abort(new Error('the session has ended'))
    this.#server.reject(this.#end.signal.reason)
    clearTimeout(this.#groupTimer)
    this.#connection?.close()
    authorize(null)
    // The actions stay: screens that are being taken down still call them, and nothing comes of it.
  }

  async #start(): Promise<void> {
    const { signal } = this.#end
    for (let wait = 500; ; wait = Math.min(wait * 2, 10_000)) {
      try {
        const config = await serverConfig()
        if (signal.aborted) return
        this.#server.resolve(config)
        this.#connection = connect(
          { url: location.origin, path: config.socketPath, token: this.#account.token, app: config.app },
          {
            connected: () => void this.#connected(),
            lost: (retryAt, pageRefused) => this.#lost(retryAt, pageRefused),
            refused: () => this.#signedOut(false),
            push: (event, payload) => this.#push(event, payload),
          },
        )
        break
      } catch (error) {
        if (signal.aborted) return
        this.#server.reject(error)
        this.#server = answer()
        this.#update((s) => ({ ...s, connection: 'offline', retryAt: Date.now() + wait }))
        await new Promise<void>((resolve) => {
          this.#tryNow = resolve
          setTimeout(resolve, wait)
        })
      }
    }
    void this.#readMe()
    // Beside the connection, with which it begins anew: what is seen first is seen sooner.
    this.#chats.read('all').catch(() => undefined)
  }

  async #connected(): Promise<void> {
    this.#update((s) => ({ ...s, connection: 'online', retryAt: null }))
    void this.#presence.connected()
    this.#availabilities.connected()
    this.#drafts.connected().catch(() => undefined)
    this.#outbox.flush()
    this.#chats.read(Date.now() - this.#lostAt < longAgo ? 'missed' : 'all').catch(() => undefined)
    this.#lostAt = 0
    const { current, pins } = useStore.getState()
    const shown = current ? pins[current] : undefined
    // Those of the open chat stay on the screen until they are read again.
    this.#update((s) => ({ ...s, groups: {}, pins: current && shown ? { [current]: shown } : {} }))
    if (current) void this.#readPins(current, true)
    await this.#conversations.connected().catch(() => undefined)
    this.#presence.look()
  }

  #lost(retryAt: number | null, pageRefused: boolean): void {
    if (this.#end.signal.aborted) return
    this.#flush()
    const before = useStore.getState().connection
    const now = pageRefused ? 'refused' : before === 'connecting' && retryAt === null ? 'connecting' : 'offline'
    this.#update((s) => ({ ...s, connection: now, retryAt }))
    if (before !== 'online') return
    this.#lostAt = Date.now()
    this.#presence.lost()
    this.#availabilities.lost()
    this.#conversations.lost()
  }

  /** `deliberate`: the account was signed out, here or from another device; otherwise the server has refused the token. */
  #signedOut(deliberate: boolean): void {
    if (this.#end.signal.aborted) return
    const { account, expiresAt } = this.#account
    const { id } = account
    this.stop()
    forgetAccount(id, this.#account.sessionId)
    // Another tab has signed the account in again, which ended this session. This tab goes on with the new one.
    if (tabAccount()?.account.id === id) return location.reload()
    this.#lastVisit.forget()
    this.#shakes.forget()
    // Drafts and waiting messages do not stay on a device that was signed out. After any other end of the session, an
    // expired token for example, the account finds them again at its next sign-in.
    if (deliberate && (expiresAt === 0 || expiresAt > Date.now())) {
      this.#drafts.forget()
      forgetAll(id)
    }
    useStore.setState({ ...initialState, connection: 'signed-out' }, true)
  }

  async #readMe(): Promise<void> {
    try {
      const me = await getMe(this.#end.signal)
      this.#update((s) => ({ ...s, me }))
      renameAccount(me)
    } catch {
      // The sign-in said who it is; the rest is read with the next start.
    }
  }

  // Pushes

  #push<E extends keyof Pushes>(event: E, payload: Pushes[E]): void {
    if (event === 'logout message') {
      this.#signedOut(true)
      return
    }
    const touch = touchOf(event, payload, this.#context.me)
    if (touch?.isMessage && touch.key) {
      this.#touched.message(touch.key)
      if (this.#touched.readJustNow(touch.key)) this.#chats.countSoon()
    } else if (touch) this.#touched.chat(touch.key)
    this.#pushes.push({ event, payload: payload as never })
    if (this.#flushing) return
    this.#flushing = true
    // A burst is drawn once; a page that nobody sees gets no frames.
    requestAnimationFrame(() => this.#flush())
    setTimeout(() => this.#flush(), longestFrame)
  }

  #flush(): void {
    this.#flushing = false
    if (this.#pushes.length === 0) return
    const pushes = this.#pushes
    this.#pushes = []
    const now = Date.now()
    const before = useStore.getState()
    const after = pushes.reduce((state, { event, payload }) => applyPush(state, event, payload, now), before)
    for (const { event, payload } of pushes) {
      if (event === 'new withdraw usermessage' || event === 'new withdraw groupmessage') this.#withdrawn(event, payload)
      if (event === 'mark unread') {
        const { type, id } = payload as Pushes['mark unread']
        this.#presence.hold(chatKey(type, id))
      }
      if (event !== 'unread again') continue
      const { type, id } = payload as Pushes['unread again']
      this.#presence.takenBack(chatKey(type, id))
    }
    if (after !== before) useStore.setState(after, true)
    for (const { event, payload } of pushes) {
      const incoming = incomingOf(event, payload, before, after)
      if (incoming?.shake && !incoming.from.name) void this.#announceStranger(incoming)
      else if (incoming) announce(incoming)
      if (event === 'message reaction') this.#presence.reacted()
      if (event === 'mark unread') {
        const { type, id } = payload as Pushes['mark unread']
        this.#presence.hold(chatKey(type, id)) // what was read before in the same burst has released it
        this.#marked(payload, before)
      }
      if (event === 'new group') void this.#readPins(groupChat((payload as Pushes['new group']).id))
      if (event === 'clear all unread') this.#presence.release(null)
      if (event === 'clear unread') {
        const { type, id } = payload as Pushes['clear unread']
        this.#presence.release(chatKey(type, id))
      }
      if (event === 'draft changed') this.#drafts.take(payload)
      if (event === 'read marks') this.#readMarks.pushed(payload)
      if (event === 'availability') this.#availabilities.pushed()
      if (event === 'contact changed' && (payload as Pushes['contact changed']).id === this.#context.me) void this.#readMe()
    }
  }

  #withdrawn(event: 'new withdraw usermessage' | 'new withdraw groupmessage', payload: Pushes[typeof event]): void {
    const key = touchOf(event, payload, this.#context.me)?.key
    if (key) this.#lastVisit.withdrawn(key, payload.id, payload.msg.con, payload.from)
  }

  #marked({ type, id }: Pushes['mark unread'], before: State): void {
    const key = chatKey(type, id)
    this.#presence.held(key, before.looking === key)
  }

  /** A shake by somebody with whom there was no chat: the push names the account only. */
  async #announceStranger(incoming: Incoming): Promise<void> {
    try {
      const { name, avatar } = await getPerson(chatRef(incoming.chat).id, this.#end.signal)
      this.#update((s) => changeChat(s, incoming.chat, (chat) => ({ ...chat, name, avatar })))
      announce({ ...incoming, from: { name, avatar } })
    } catch {
      announce(incoming)
    }
  }

  #update(change: (state: State) => State): void {
    if (this.#end.signal.aborted) return
    this.#flush()
    const before = useStore.getState()
    const after = change(before)
    if (after !== before) useStore.setState(after, true)
  }

  /** What follows from what is shown. */
  #watch(): void {
    const { signal } = this.#end
    const stop = useStore.subscribe((state, before) => {
      this.#lastVisit.changed(state, before)
      this.#shakes.changed(state, before)
      this.#typing.changed(state, before)
      this.#availabilities.changed(state, before)
      if (state.connection === 'offline' && before.connection !== 'offline') this.#conversations.offline()
      if (state.current && state.chats[state.current] !== before.chats[state.current]) this.#presence.readAgain()
      if (state.looking && (state.looking !== before.looking || state.me?.readMarks !== before.me?.readMarks)) void this.#readMarks.renew()
      if (state.looking && state.conversations[state.looking]?.outbox !== before.conversations[state.looking]?.outbox) this.#readMarks.sent()
      if (state.stale.unread !== before.stale.unread) this.#chats.countSoon()
      if (state.stale.chats !== before.stale.chats) this.#chats.readSoon()
      if (state.chatsComplete && (!before.chatsComplete || state.drafts !== before.drafts)) this.#nameDrafts(state)
      if (state.current !== before.current || state.groups !== before.groups) this.#wantGroup(state)
      const gid = state.current && chatRef(state.current).id
      // How many they are may have been counted before or after what was just told.
      if (gid && state.stale.members[gid] !== before.stale.members[gid]) this.#readGroupSoon(gid)
    })
    signal.addEventListener('abort', stop)
    // Another tab has signed the account out. While the server is away, nothing else tells it.
    const gone = watchAccounts(() => {
      if (!isKept(this.#context.me)) this.#signedOut(false)
    })
    signal.addEventListener('abort', gone)
    const seen = (): void => {
      if (document.visibilityState === 'hidden') {
        this.#hiddenAt = Date.now()
        return
      }
      if (!this.#connection) this.#tryNow()
      else if (!this.#connection.connected) this.#connection.reconnect()
      else if (Date.now() - this.#hiddenAt > longAway) this.#chats.countSoon(0)
    }
    document.addEventListener('visibilitychange', seen, { signal })
  }

  #wantGroup(state: State): void {
    const ref = state.current && chatRef(state.current)
    if (ref && ref.type === 2 && !state.groups[ref.id]) void this.#readGroup(ref.id)
  }

  /** Asks for the names of chats that are in no list and have drafts. */
  #nameDrafts({ chats, drafts }: State): void {
    for (const key of Object.keys(drafts)) {
      const { type, id } = chatRef(key)
      if (chats[key]?.name || (type !== 1 && type !== 2) || this.#draftsAsked.has(key)) continue
      this.#draftsAsked.add(key)
      const { signal } = this.#end
      void (type === 2 ? getGroup(id, signal) : getPerson(id, signal))
        .then(({ name, avatar }) => this.#update((s) => ensured(s, key, name, avatar)))
        .catch(() => undefined) // a chat that cannot be read any more is not listed
    }
  }

  #readGroupSoon(id: string): void {
    clearTimeout(this.#groupTimer)
    this.#groupTimer = setTimeout(() => {
      if (useStore.getState().groups[id]) void this.#readGroup(id)
    }, 500)
  }

  async #readGroup(id: string): Promise<void> {
    if (this.#groupsAsked.has(id)) return
    this.#groupsAsked.add(id)
    const began = this.#touched.now()
    try {
      const group = await getGroup(id, this.#end.signal)
      if (this.#touched.since(groupChat(id), began)) this.#readGroupSoon(id)
      this.#update((s) => putGroup(s, group))
    } catch {
      // The server tells former members nothing about the group.
    } finally {
      this.#groupsAsked.delete(id)
    }
  }

  /** Asks for the pinned messages of the open chat. `anew`: also if they are known. */
  async #readPins(key: ChatKey, anew = false): Promise<void> {
    const { state, request, connected, update } = this.#context
    const { type, id } = chatRef(key)
    if (isInbox(type)) return
    for (;;) {
      if (!connected() || (state().pins[key] && !anew) || state().current !== key) return
      const began = this.#touched.now()
      const list = await request('pinned messages', { type, id }).catch(() => null) // a chat that cannot be read any more has none to show
      if (!list) return
      if (this.#touched.since(key, began)) continue
      update((s) => putPins(s, key, list))
    }
  }

  // Actions

  #actions(): Actions {
    const { request, state } = this.#context
    const update = this.#context.update
    return {
      openChat: async (key) => {
        this.#presence.opened()
        update((s) => (s.current === key ? s : { ...s, current: key }))
        void this.#readPins(key)
        if (!isInbox(chatRef(key).type)) await this.#conversations.open(key)
        this.#presence.look()
      },
      closeChat: () => {
        update((s) => {
          const { current } = s
          if (!current) return s
          return { ...changeConversation(s, current, closed), current: null }
        })
        this.#presence.opened()
        this.#presence.look()
      },
      loadOlder: (key) => this.#conversations.older(key),
      loadNewer: (key) => this.#conversations.newer(key),
      jumpTo: async (key, id) => {
        await this.#conversations.jump(key, id)
        this.#presence.look()
      },
      jumpToNewest: async (key) => {
        const c = state().conversations[key]
        if (!c || c.hasNewer || c.gap) await this.#conversations.newest(key)
        update((s) => changeConversation(s, key, (now) => ({ ...now, jump: null })))
        this.#presence.look()
      },
      saw: (key, { last, end }) => {
        update((s) => changeConversation(s, key, (c) => (c.away === !end ? c : { ...c, away: !end })))
        this.#presence.saw(key, last)
      },
      leavePlace: (key, place) => {
        // The place may be in messages that the last visit has not kept.
        if (place || !state().conversations[key]?.old) keepPlace(this.#context.me, key, place)
      },

      send: (key, draft) => {
        const { me, conversations } = state()
        if (!me) return
        this.#outbox.send(key, draft, me)
        const c = conversations[key]
        // The sent message is at the end of the conversation, so the end is shown.
        if (key === state().current && (c?.hasNewer ?? false)) void this.#conversations.newest(key)
        update((s) => changeConversation(s, key, (now) => (now.newFrom ? { ...now, newFrom: null } : now)))
      },
      retry: (key, messageKey, asFile) => this.#outbox.retry(key, messageKey, asFile),
      discard: (key, messageKey) => this.#outbox.discard(key, messageKey),
      withdraw: async (message) => {
        const { id: messageId } = message
        if (!messageId) return
        const { type, id } = chatRef(message.chat)
        const { socket } =
          type === 2
            ? await request('withdraw group message', { messageId, groupid: id })
            : await request('withdraw user message', { messageId, touser: id })
        this.#touched.chat(message.chat)
        const me = state().me?.id
        update((s) => withdrawn(s, message.chat, messageId, socket.msg.con, message.mine, me))
        this.#lastVisit.withdrawn(message.chat, messageId, socket.msg.con, me)
      },
      edit: async (chat, messageId, text, calls) => {
        const { type, id } = chatRef(chat)
        const { socket } = await request('edit message', { type, id, messageId, msg: text })
        this.#touched.chat(chat)
        update((s) => edited(s, chat, messageId, socket.msg.con, socket.edited ?? 0))
        const before = new Set(sentCalls(messageId).map((call) => call.id))
        const added = idsOf(calls.filter((call) => !before.has(call.id)))
        // If this fails, the text stays in the field, and the next attempt mentions them.
        if (added && type === 2) await mentionIn(request, id, messageId, added)
        rememberCalls(messageId, calls)
      },
      revisions: async ({ id: messageId, chat }) => {
        const { type, id } = chatRef(chat)
        return (await request('message revisions', { type, id, messageId: messageId ?? '' })).revisions
      },
      reactors: async ({ id: messageId, chat }, emoji, from) => {
        const { type, id } = chatRef(chat)
        return (await request('reaction users', { type, id, messageId: messageId ?? '', emoji, offset: from, limit: 100 })).users
      },
      readers: async ({ id: messageId, chat }, read, from) => {
        const { type, id } = chatRef(chat)
        return request('message readers', { type, id, messageId: messageId ?? '', read, offset: from, limit: 100 })
      },
      typed: (key) => this.#typing.typed(key),
      setStatus: async (wanted) => {
        const status = await request('set status', wanted)
        const { me } = this.#context
        update((s) => putAvailability(s, { users: [{ ...s.availability[me], id: me, status }] }, Date.now()))
      },
      react: async ({ id: messageId, chat }, emoji, on) => {
        if (!messageId) return
        const { type, id } = chatRef(chat)
        const { reactions } = await request('set reaction', { type, id, messageId, emoji, isOn: on })
        if (on) rememberReaction(emoji)
        this.#touched.chat(chat)
        update((s) => changeConversation(s, chat, (c) => reactIn(c, messageId, () => reactionsFrom(reactions))))
      },
      pin: async ({ id: messageId, chat }, on) => {
        if (!messageId) return
        const { type, id } = chatRef(chat)
        const set = await request('set pin', { type, id, messageId, isPinned: on })
        this.#touched.chat(chat)
        update((s) => pinned(s, chat, set))
      },
      forward: (message, to) => {
        const { me } = state()
        const { kind, text, file, card, place } = message
        if (!me || kind === 'system' || message.withdrawn) return
        for (const key of to)
          this.#outbox.send(key, { kind, text, ...(file && { file: { ...file, heard: false } }), ...(card && { card }), ...(place && { place }) }, me)
      },
      markHeard: async ({ id, chat }) => {
        if (!id) return
        update((s) => changeConversation(s, chat, (c) => heardIn(c, id)))
        await request('voice as read', { messageId: id })
      },
      shake: async (key) => {
        await request('shake shake', { aid: chatRef(key).id })
        update((s) => shook(s, key, true, Date.now()))
      },
      fileAddress: (message) => this.#fileAddress(message),

      markRead: async (key, left = 0) => {
        const { type, id } = chatRef(key)
        this.#touched.read(key)
        if (left === 0) update((s) => changeChat(s, key, readAll))
        this.#presence.release(key)
        try {
          if (isInbox(type)) {
            await request('clear notification', { type: id, value: left, clear: true })
            update((s) => cleared(s, id as Category, left))
          } else await request('clear unread', { type, id })
          this.#touched.read(key)
        } catch (error) {
          this.#chats.countSoon()
          throw error
        }
      },
      markUnread: async (key, messageId) => {
        const { type, id } = chatRef(key)
        const begun = this.#presence.hold(key)
        try {
          const marked = await request('mark unread', { type, id, msgid: messageId })
          const before = state()
          this.#touched.chat(key)
          update((s) => applyPush(s, 'mark unread', marked, Date.now()))
          this.#marked(marked, before)
        } catch (error) {
          if (begun) this.#presence.release(key)
          throw error
        }
      },
      markAllRead: async () => {
        await request('clear all unread', {})
      },
      setSticky: async (key, top) => {
        const { type, id } = chatRef(key)
        await request('sticky on top', { type, value: id, isTop: top })
      },
      setMuted: async (key, isMuted) => {
        const { type, id } = chatRef(key)
        if (isInbox(type)) {
          await request('silence message', { type, isSilent: isMuted })
          this.#touched.chat(key)
          update((s) => silenced(s, id as Category, isMuted))
          return
        }
        if (type === 1) {
          await request('set user notice', { aid: id, isPush: !isMuted })
          this.#touched.chat(key)
          update((s) => changeChat(s, key, (chat) => ({ ...chat, muted: isMuted })))
          return
        }
        const group = await changeGroup(id, { isPush: !isMuted })
        this.#touched.chat(key)
        update((s) => muted(putGroup(s, group), id, isMuted))
      },
      hideChat: async (key) => {
        const { type, id } = chatRef(key)
        await request('remove session', { type, id })
      },
      loadMoreChats: () => this.#chats.nextPage(),
      ensureChat: (key, name, avatar) => update((s) => ensured(s, key, name, avatar)),
      setDraft: (key, change) => this.#drafts.set(key, change),
      reconnect: () => (this.#connection ? this.#connection.reconnect() : this.#tryNow()),
      uploadPicture: async (file) => {
        const ext = extensionOf(fileName(file.name))
        const leave = await request('upload token', { type: 1, ...(ext && { ext }) })
        return (await upload(leave, file)).key
      },

      signOut: async () => {
        if (state().connection === 'offline') throw new SocketError(offline)
        const late = new AbortController()
        const unanswered = pause(signOutPatience).then(() => {
          late.abort()
          throw new SocketError(offline)
        })
        await Promise.race([signOut(late.signal), unanswered])
        this.#signedOut(true)
      },
      signOutHere: () => {
        this.#signedOut(true)
        void signOutLater(this.#account.token)
      },
    }
  }

  async #fileAddress({ id, chat, file, localFile }: Message): Promise<string> {
    if (localFile) return localFile
    if (file?.url && isFresh(file.url)) return file.url
    if (!id) throw new SocketError(offline)
    const { items } = await fileLinks([id])
    const url = items[0]?.url ?? file?.url
    if (!url) throw new SocketError('message not found')
    this.#update((s) =>
      changeConversation(s, chat, (c) => ({ ...c, messages: c.messages.map((m) => (m.id === id && m.file ? { ...m, file: { ...m.file, url } } : m)) })),
    )
    return url
  }
}

