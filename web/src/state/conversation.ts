// The stretch of a conversation that is here, and what joins it.
import { compareIds, isNewer } from './id'
import { withName } from './reaction'
import { firstUnread } from './unread'
import type { ChatKey, Conversation, Message, Reaction, ReadMark } from './model'
import type { State } from './store'

/** As many messages as stay here while somebody reads; the others are fetched again when they come near. */
export const longestStretch = 2000

// As many as are kept while what is before them is being fetched.
const longestAhead = 500

export const newConversation = (key: ChatKey): Conversation => ({
  key,
  messages: [],
  outbox: [],
  hasOlder: true,
  hasNewer: true,
  loading: 'none',
  error: null,
  newFrom: null,
  jump: null,
})

/** Whether any stretch of it is here that the server has told in this visit. */
export const isLoaded = (c: Conversation | undefined): boolean => c !== undefined && !c.old && !(c.hasOlder && c.hasNewer && c.messages.length === 0)

export function changeConversation(state: State, key: ChatKey, change: (c: Conversation) => Conversation): State {
  const before = state.conversations[key]
  if (!before) return state
  const after = change(before)
  return after === before ? state : { ...state, conversations: { ...state.conversations, [key]: after } }
}

/** Changes messages of a chat wherever they are shown: in the conversation, and in the thread beside it. */
export function changeMessages(state: State, key: ChatKey, change: (c: Conversation) => Conversation): State {
  const after = changeConversation(state, key, change)
  const { thread } = after
  if (thread?.chat !== key) return after
  const list = change(thread.list)
  return list === thread.list ? after : { ...after, thread: { ...thread, list } }
}

/** The same, of all chats. */
export const changeAllMessages = (state: State, change: (c: Conversation) => Conversation): State =>
  [...new Set([...Object.keys(state.conversations), ...(state.thread ? [state.thread.chat] : [])])].reduce((after, key) => changeMessages(after, key, change), state)

/** The same, of one that may not be here yet. */
export const changeOrMake = (state: State, key: ChatKey, change: (c: Conversation) => Conversation): State =>
  changeConversation(state.conversations[key] ? state : { ...state, conversations: { ...state.conversations, [key]: newConversation(key) } }, key, change)

/** A message that has arrived, or that was sent from here and is acknowledged. */
export function messageInConversation(c: Conversation, m: Message): Conversation {
  const loaded = isLoaded(c)
  if (!loaded && c.loading === 'none') return c
  if (!loaded || c.gap || c.hasNewer) {
    const last = c.messages.at(-1)?.id ?? ''
    if (loaded && m.id && !isNewer(m.id, last)) return putMessages(c, [m])
    return c.ahead?.some((a) => a.id === m.id) ? c : { ...c, ahead: insert(c.ahead ?? [], [m]).slice(-longestAhead) }
  }
  return putMessages(c, [m])
}

/** Puts messages into the stretch; those that are there are renewed. */
export function putMessages(c: Conversation, rows: readonly Message[]): Conversation {
  const messages = insert(c.messages, rows)
  return messages === c.messages ? c : withEarly(arrivedFrom({ ...c, messages }, rows))
}

/** What was read from the server no longer waits to be sent. */
function arrivedFrom(c: Conversation, rows: readonly Message[]): Conversation {
  const outbox = c.outbox.filter((o) => !rows.some((row) => row.key === o.key))
  return outbox.length === c.outbox.length ? c : { ...c, outbox }
}

/** A page before the stretch. `ends`: there is nothing before it. */
export function putOlder(c: Conversation, rows: readonly Message[], ends: boolean): Conversation {
  const next = putMessages({ ...c, hasOlder: !ends }, rows)
  const over = next.messages.length - longestStretch
  // The end is far away from the reader, who loads it again on the way back.
  return over > 0 ? { ...next, messages: next.messages.slice(0, -over), hasNewer: true } : next
}

/** A page behind the stretch. `ends`: the server has nothing newer than its last. */
export function putNewer(c: Conversation, rows: readonly Message[], ends: boolean): Conversation {
  let next = putMessages(c, rows)
  const over = next.messages.length - longestStretch
  if (over > 0) next = { ...next, messages: next.messages.slice(over), hasOlder: true }
  return ends ? join(next) : next
}

/** Another stretch in place of the one that is here. */
export function putStretch(c: Conversation, rows: readonly Message[], has: { older: boolean; newer: boolean }): Conversation {
  const { gap: _, old: _o, ...rest } = c
  const messages = insert([], rows).map((row) => keepKey(c.messages.find((m) => m.id === row.id), row))
  const next: Conversation = { ...arrivedFrom(rest, rows), messages, hasOlder: has.older, hasNewer: has.newer, error: null }
  return has.newer ? next : join(next)
}

/** Shows the end of the conversation as it was at the last visit, `unread` messages of it unread. */
export function putOld(c: Conversation, messages: Message[], unread: number): Conversation {
  if (isLoaded(c) || messages.length === 0) return c
  return { ...beginHere({ ...c, messages }, unread), hasOlder: true, hasNewer: false, gap: true, old: true }
}

/** The server is telling what the messages of the last visit are now. */
export function renewed(c: Conversation): Conversation {
  const { old: _, ...rest } = c
  return rest
}

/** From now on messages may be missing behind the stretch. */
export const beginGap = (c: Conversation): Conversation => (c.hasNewer ? c : { ...c, gap: true })

/** The stretch reaches to the end: what has arrived meanwhile belongs to it. */
function join(c: Conversation): Conversation {
  const { gap: _, ahead, ...rest } = c
  return putMessages({ ...rest, hasNewer: false }, ahead ?? [])
}

/** A message is withdrawn, by its author or by the account `by`: its place stays, its content is gone, in quotes too. */
export function withdrawIn(c: Conversation, id: string, notice: string, by?: string): Conversation {
  const gone = (m: Message): Message => {
    if (m.id === id && !m.withdrawn) return withdrawn(m, notice, by === m.from.id ? undefined : by)
    if (m.quote?.id === id && !m.quote.withdrawn) {
      const { file: _, card: _c, place: _p, ...quote } = m.quote
      return { ...m, quote: { ...quote, text: '', withdrawn: true } }
    }
    return m
  }
  return mapAll(c, gone)
}

function withdrawn(m: Message, notice: string, byAdmin: string | undefined): Message {
  const { file: _, card: _c, place: _p, localFile: _l, edited: _e, reactions: _r, pinned: _n, mark: _m, ...rest } = m
  return { ...rest, text: notice, withdrawn: true, ...(byAdmin !== undefined && { byAdmin }) }
}

/** A message has another text since `at`, in quotes too. */
export function editIn(c: Conversation, id: string, text: string, at: number): Conversation {
  return mapAll(c, (m) => {
    if (m.id === id && !m.withdrawn && (m.edited ?? 0) < at) return { ...m, text, edited: at }
    return m.quote?.id === id && !m.quote.withdrawn && m.quote.text !== text ? { ...m, quote: { ...m.quote, text } } : m
  })
}

/** A message has other reactions. */
export function reactIn(c: Conversation, id: string, change: (reactions: Message['reactions']) => readonly Reaction[]): Conversation {
  return mapAll(c, (m) => {
    if (m.id !== id || m.withdrawn) return m
    const { reactions, ...rest } = m
    const next = change(reactions)
    if (JSON.stringify(next) === JSON.stringify(reactions ?? [])) return m
    return next.length > 0 ? { ...rest, reactions: next } : rest
  })
}

/** A message is pinned, or no longer pinned. */
export const pinIn = (c: Conversation, id: string, on: boolean): Conversation =>
  mapAll(c, (m) => {
    if (m.id !== id || m.withdrawn || (m.pinned ?? false) === on) return m
    const { pinned: _, ...rest } = m
    return on ? { ...rest, pinned: true } : rest
  })

/** A message has another number of replies. */
export function repliesIn(c: Conversation, id: string, count: number): Conversation {
  const next = mapAll(c, (m) => {
    if (m.id !== id || (m.replies ?? 0) === count) return m
    const { replies: _, ...rest } = m
    return count > 0 ? { ...rest, replies: count } : rest
  })
  return next.loading === 'none' ? next : { ...next, told: { ...next.told, [id]: count } }
}

/** A load begins. */
export function loading(c: Conversation, what: Exclude<Conversation['loading'], 'none'>): Conversation {
  const { told: _, ...rest } = c
  return { ...rest, loading: what }
}

/** A load has ended. Numbers that were pushed during the load replace the loaded ones; if the loaded ones are newer, their pushes follow. */
export function loadedNow(c: Conversation): Conversation {
  const { told, ...rest } = c
  const ended: Conversation = { ...rest, loading: 'none' }
  return Object.entries(told ?? {}).reduce((next, [id, count]) => repliesIn(next, id, count), ended)
}

// As many marks as are kept of messages that are not here yet.
const mostEarly = 100

/** Own messages have other read marks. A mark can come before the acknowledgement of its message. */
export function markIn(c: Conversation, marks: ReadonlyMap<string, ReadMark>): Conversation {
  const next = mapAll(c, (m) => {
    const mark = m.id === null || m.withdrawn ? undefined : marks.get(m.id)
    return mark && (m.mark?.read !== mark.read || m.mark.of !== mark.of) ? { ...m, mark } : m
  })
  const last = c.messages.at(-1)?.id ?? ''
  const early = [...marks].filter(([id]) => isNewer(id, last) && !c.ahead?.some((m) => m.id === id))
  if (early.length === 0) return next
  return { ...next, early: Object.fromEntries([...Object.entries(c.early ?? {}), ...early].slice(-mostEarly)) }
}

/** Gives the messages that are here now the marks that came before them. */
function withEarly(c: Conversation): Conversation {
  const { early, ...rest } = c
  if (!early) return c
  const here = new Set(c.messages.map((m) => m.id))
  const left = Object.entries(early).filter(([id]) => !here.has(id))
  if (left.length === Object.keys(early).length) return c
  return markIn({ ...rest, ...(left.length > 0 && { early: Object.fromEntries(left) }) }, new Map(Object.entries(early).filter(([id]) => here.has(id))))
}

/** Former members of a group see no reactions, pins and read marks. */
export const forFormerMember = (c: Conversation): Conversation =>
  mapAll(c, (m) => {
    const { reactions, pinned, mark, ...rest } = m
    return reactions || pinned || mark ? rest : m
  })

/** Changes messages wherever they are in the conversation. */
function mapAll(c: Conversation, change: (m: Message) => Message): Conversation {
  const messages = mapSame(c.messages, change)
  const ahead = c.ahead && mapSame(c.ahead, change)
  const outbox = mapSame(c.outbox, change)
  if (messages === c.messages && ahead === c.ahead && outbox === c.outbox) return c
  return { ...c, messages, outbox, ...(ahead && { ahead }) }
}

/** Changes messages of the stretch. */
function changeEach(c: Conversation, change: (m: Message) => Message): Conversation {
  const messages = mapSame(c.messages, change)
  return messages === c.messages ? c : { ...c, messages }
}

/** A voice message has been heard, on this or another device. */
export const heardIn = (c: Conversation, id: string): Conversation =>
  changeEach(c, (m) => (m.id === id && m.file && !m.file.heard ? { ...m, file: { ...m.file, heard: true } } : m))

/** Somebody has another name or picture. */
export const renamedIn = (c: Conversation, from: Message['from']): Conversation =>
  changeEach(c, (m) => {
    const reactions = m.reactions && withName(m.reactions, from)
    if (m.from.id !== from.id && reactions === m.reactions) return m
    return { ...m, ...(m.from.id === from.id && { from }), ...(reactions && { reactions }) }
  })

/** Nobody sees the conversation any more: where it begins is found anew when it is opened. */
export function closed(c: Conversation): Conversation {
  const { begin: _, ...rest } = c
  return { ...rest, newFrom: null, jump: null, away: true }
}

/** The line of the new messages stands above this message. `at`: when it was sent, where it is not in the stretch. */
export const putNewLine = (c: Conversation, newFrom: string | null, at?: number): Conversation => ({
  ...c,
  newFrom,
  newAt: newFrom === null ? undefined : (c.messages.find((m) => m.id === newFrom)?.at ?? at),
})

/** The chat is opened with `unread` messages unread, all of which are in the stretch. */
export function beginHere(c: Conversation, unread: number): Conversation {
  const newFrom = firstUnread(c.messages, unread)
  return { ...putNewLine(c, newFrom), begin: { to: newFrom ? 'new' : 'end' } }
}

/** Sorted by id, each once. */
function insert(messages: Message[], rows: readonly Message[]): Message[] {
  if (rows.length === 0) return messages
  const last = messages.at(-1)
  const first = rows[0]
  // A new message is nearly always the newest.
  if (rows.length === 1 && first && (!last || compareIds(first.id ?? '', last.id ?? '') > 0)) return [...messages, first]
  const byId = new Map(messages.map((m) => [m.id, m]))
  let changed = false
  for (const row of rows) {
    const now = byId.get(row.id)
    const next = keepKey(now, row)
    if (next === now) continue
    byId.set(row.id, next)
    changed = true
  }
  return changed ? [...byId.values()].sort((a, b) => compareIds(a.id ?? '', b.id ?? '')) : messages
}

/** A row of the server in place of the message that is here: what only this device knows stays. */
function keepKey(now: Message | undefined, row: Message): Message {
  if (!now || now === row) return row
  if (now.withdrawn && !row.withdrawn) return now
  // Read before the edit, and arrived after it.
  if ((now.edited ?? 0) > (row.edited ?? 0) && !row.withdrawn) return keepKey(now, { ...row, text: now.text, ...(now.edited && { edited: now.edited }) })
  const next: Message = { ...row, key: now.key }
  if (!row.mark && now.mark && !row.withdrawn) next.mark = now.mark
  if (now.localFile && row.file) next.localFile = now.localFile
  if (row.file && now.file) {
    next.file = { ...row.file, ...(now.file.heard && { heard: true }) }
    // Each answer signs addresses anew; changing them would load every picture again.
    if (now.file.url && now.file.key === row.file.key && isFresh(now.file.url)) next.file.url = now.file.url
  }
  return JSON.stringify(next) === JSON.stringify(now) ? now : next
}

const margin = 60_000

/** Whether a signed address is good for a while yet; one without a signature is for ever. */
export function isFresh(url: string): boolean {
  const until = /[?&]e=(\d+)/.exec(url)?.[1]
  return until === undefined || Number(until) * 1000 > Date.now() + margin
}

function mapSame(list: Message[], change: (m: Message) => Message): Message[] {
  let changed = false
  const out = list.map((m) => {
    const next = change(m)
    if (next !== m) changed = true
    return next
  })
  return changed ? out : list
}
