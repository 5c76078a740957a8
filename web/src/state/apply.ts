// How each push of the server changes the state. Every function gives the same result if a push comes twice, or after the
// same data was read over HTTP.
import type * as wire from '@/wire/wire.gen'
import { changeChat, doubtful, isListed, messageInList, newChat, newestId, putChat, takeOffList, type Face } from './chatlist'
import { changeAll, changeConversation, editIn, heardIn, markIn, messageInConversation, putNewLine, reactIn, renamedIn, withdrawIn } from './conversation'
import { unmarked, withMark, withReaction } from './reaction'
import { isGroupMessage, messageFrom, preview, serverTime } from './from-wire'
import * as group from './group'
import * as inbox from './inbox'
import { editedInPins, pinned, renamedInPins, withdrawnFromPins } from './pin'
import { chatKey, fileTransfer, isInbox, type Chat, type ChatKey, type Message } from './model'
import { putAvailability } from './availability'
import { hasWritten, typed } from './typing'
import { counts, firstFrom, mention, readAll, readUpTo, setFigure, uncount, unreadAgain } from './unread'
import type { State } from './store'

type Handlers = { [E in keyof wire.Pushes]?: (state: State, payload: wire.Pushes[E], now: number) => State }

const handlers: Handlers = {
  'new message': arrived,
  'new group message': arrived,
  'new session': (state, s, now) => {
    const key = chatKey(s.type, s.id)
    // The message that follows has the exact position in the list.
    const chat = state.chats[key] ?? { ...newChat(key, { muted: s.isPush === false }), after: newestId(state), at: now }
    return state.order.includes(key) ? state : putChat(state, { ...chat, name: s.name, avatar: s.logo }, true)
  },
  'new withdraw usermessage': (state, w) => {
    const mine = w.from === state.me?.id
    const chat = w.to === fileTransfer ? chatKey(1, fileTransfer) : chatKey(1, mine ? w.to : w.from)
    return withdrawn(state, chat, w.id, w.msg.con, mine)
  },
  // The push does not name the author. That matters only if the message is not loaded.
  'new withdraw groupmessage': (state, w) => withdrawn(state, chatKey(2, w.gid), w.id, w.msg.con, false, w.from),
  'message edited': (state, e) => edited(state, chatOfMessage(e, state.me?.id ?? ''), e.id, e.msg.con, e.edited),
  'message reaction': (state, r) => {
    const me = state.me?.id ?? ''
    const key = chatOfMessage(r, me)
    let doubt = false
    let after = changeChat(state, key, (chat) => {
      const next = withMark(chat, r, me)
      doubt = next.doubt
      return next.chat
    })
    after = changeConversation(after, key, (c) => reactIn(c, r.id, (before) => withReaction(before, r, me)))
    return doubt ? doubtful(after, 'chats') : after
  },
  'message pinned': (state, p) => pinned(state, chatOfMessage(p, state.me?.id ?? ''), p),
  'read marks': (state, { type, id, marks }) => changeConversation(state, chatKey(type, id), (c) => markIn(c, new Map(marks.map((m) => [m.id, { read: m.read, of: m.of }])))),
  typing: typed,
  availability: (state, list, now) => putAvailability(state, list, now),
  'voice as read': (state, v) => changeAll(state, (c) => heardIn(c, v.messageId)),
  'clear unread': (state, s) => changeChat(state, chatKey(s.type, s.id), readAll),
  'mark unread': (state, u) => {
    const key = chatKey(u.type, u.id)
    const chat = state.chats[key]
    // The server does not read a marked chat because a client looks at it.
    const before = state.looking === key ? { ...state, looking: null } : state
    if (!chat) return doubtful(before, 'unread')
    const again = unreadAgain(chat, { unread: u.num, mention: u.at && u.msgid ? String(u.msgid) : null }, u.lastid)
    let after = putChat(before, again.chat, false)
    // The line of the new messages, in the chat that is open.
    after = changeConversation(after, key, (c) => (c.begin ? { ...c, newFrom: firstFrom(c.messages, u.fromid) ?? c.newFrom } : c))
    if (again.doubt || !state.chatsComplete) after = doubtful(after, 'unread')
    // The figure names only the latest mention.
    return u.at ? doubtful(after, 'chats') : after
  },
  // While the list is not complete, the totals are those of the server, so they are requested again.
  'unread again': (state, u) => {
    const figure = { unread: u.num, mention: u.at && u.msgid ? String(u.msgid) : null }
    return doubtful(
      changeChat(state, chatKey(u.type, u.id), (chat) => setFigure(chat, figure)),
      'unread',
    )
  },
  'unread left': (state, u) => {
    const figure = { unread: u.num, mention: u.at && u.msgid ? String(u.msgid) : null }
    const chat = state.chats[chatKey(u.type, u.id)]
    if (!chat) return doubtful(state, 'unread')
    const read = readUpTo(chat, figure, u.readid, u.lastid)
    const after = putChat(state, unmarked(read.chat), false)
    // While the list is not complete, the totals are those of the server.
    return read.doubt || !state.chatsComplete ? doubtful(after, 'unread') : after
  },
  'clear all unread': (state) => {
    let after = { ...state, totals: { count: 0, muted: 0 } }
    for (const chat of Object.values(state.chats)) {
      after = putChat(after, readAll(chat), false)
      if (isInbox(chat.ref.type)) after = inbox.inboxChanged(after, chat.ref.id as wire.Category)
    }
    return after
  },
  'session removed': (state, s) => {
    const key = chatKey(s.type, s.id)
    return takeOffList(changeChat(state, key, (chat) => ({ ...readAll(chat), topAt: 0 })), key)
  },
  'new sticky on top': (state, s) =>
    changeChat(state, chatKey(s.type, s.value), (chat) => ({ ...chat, topAt: s.top_info.isTop ? serverTime(s.top_info.time) : 0 })),
  'shake shake': (state, s, now) => {
    const key = chatKey(1, s.aid)
    const after = shook({ ...state, shaken: { key, at: now } }, key, false, now)
    if (state.looking === key) return after
    const chat = state.chats[key] ?? newChat(key)
    // A shake is not a message. A chat that it adds to the list gets its position from the newest message, and the present time.
    return putChat(after, { ...chat, ...(!isListed(state, key) && { after: newestId(state), at: now }), shakenAt: now }, true)
  },
  'group shake': (state, s) => {
    const key = chatKey(2, s.gid)
    const chat = state.chats[key]
    if (!chat || state.looking === key) return state
    const marked = mention(chat, s.msg.msgid)
    const after = putChat(state, marked.chat, false)
    return marked.doubt ? doubtful(after, 'chats') : after
  },
  'new group': group.entered,
  'group member added': (state, g) =>
    group.membersAdded(
      state,
      g.id,
      g.users.map((u) => u.AccountID),
    ),
  'group member removed': (state, g) => group.memberLeft(state, g.id, g.aid),
  'removed from group': (state, g) => group.left(state, g.id, g.how as NonNullable<Chat['left']>),
  'group renamed': (state, g) => group.renamed(state, g.gid, g.name),
  'group admin added': (state, g) => group.administrator(state, g.gid, g.addAid, true),
  'group admin removed': (state, g) => group.administrator(state, g.gid, g.removedAid, false),
  'set group notice': (state, g) => group.muted(state, g.gid, !g.isPush),
  'set user notice': (state, n) => changeChat(state, chatKey(1, n.aid), (chat) => ({ ...chat, muted: !n.isPush })),
  'ban speak': (state, g) => group.changeGroup(state, g.groupid, { banned: true }),
  'permit speak': (state, g) => group.changeGroup(state, g.groupid, { banned: false }),
  'can add member': (state, g) => group.changeGroup(state, g.gid, { membersInvite: g.can }),
  'group changed': (state, { gid, ...now }) => group.changed(state, gid, now),
  'contact changed': (state, { id, name, avatar, isContact }) => {
    const from = { id, name, avatar }
    let after = renamedInPins(changeAll(id === state.me?.id ? { ...state, me: { ...state.me, name, avatar } } : state, (c) => renamedIn(c, from)), from)
    for (const chat of Object.values(after.chats)) if (chat.preview.from.id === id) after = putChat(after, { ...chat, preview: { ...chat.preview, from } }, false)
    return doubtful(doubtful(changeChat(after, chatKey(1, id), (now) => ({ ...now, name, avatar, active: isContact })), 'people'), 'requests')
  },
  'new notify': inbox.notified,
  'clear notification': (state, n) => inbox.cleared(state, n.type, n.value),
  'new silence message': (state, s) => inbox.silenced(state, s.value, s.isSilent),
}

/** The chat of a push about a message, as `me` sees it. */
export function chatOfMessage({ from, to, gid }: { from: string; to?: string; gid?: string }, me: string): ChatKey {
  if (gid !== undefined) return chatKey(2, gid)
  if (to === fileTransfer) return chatKey(1, fileTransfer)
  return chatKey(1, from === me ? (to ?? '') : from)
}

/** A message has another text, in its chat's line too. */
export function edited(state: State, key: ChatKey, id: string, text: string, at: number): State {
  const after = changeChat(state, key, (chat) => {
    const { kind, from, withdrawn: gone } = chat.preview
    return chat.lastId === id && kind === 'text' && !gone ? { ...chat, preview: preview(text, kind, from, false) } : chat
  })
  return editedInPins(changeConversation(after, key, (c) => editIn(c, id, text, at)), key, id, text)
}

/** Notes a shake, by this account or by the other person of the chat. */
export const shook = (state: State, key: ChatKey, mine: boolean, at: number): State => ({
  ...state,
  shakes: { ...state.shakes, [key]: { mine, at, after: state.chats[key]?.lastId ?? '' } },
})

/** Returns the state after a push. `now` is this device's time, in Unix milliseconds. */
export function applyPush<E extends keyof wire.Pushes>(state: State, event: E, payload: wire.Pushes[E], now: number): State {
  if (!state.me) return state
  return handlers[event]?.(state, payload, now) ?? state
}

function arrived(state: State, w: wire.UserMessage | wire.GroupMessage): State {
  const m = messageFrom(w, state.me?.id ?? '')
  return arrivedMessage(hasWritten(state, m.chat, m.from.id), m, faceOf(w, m))
}

/** Returns the name, picture and setting of the chat of a message. For a chat with a person they are known only if that person wrote the message. */
export function faceOf(w: wire.UserMessage | wire.GroupMessage, m: Message): Face {
  if (isGroupMessage(w)) return { name: w.groupname, avatar: w.avatar, muted: !w.isPush }
  return m.mine ? {} : { name: w.uname, avatar: w.logo }
}

function arrivedMessage(state: State, m: Message, face: Face): State {
  const before = state.chats[m.chat]
  const listed = messageInList(state, m, face)
  return changeConversation(listed, m.chat, (c) => {
    let next = messageInConversation(c, m)
    if (next === c || !m.id) return next
    // A message that arrives while the open chat is not visible is below the line of the new messages.
    if (state.current === m.chat && state.looking !== m.chat && counts(m) && before?.unread === 0) next = putNewLine(next, m.id, m.at)
    return next
  })
}

/** Replaces a message that was withdrawn, on this or another device, by `notice`. */
export function withdrawn(state: State, chat: ChatKey, id: string, notice: string, mine: boolean, by?: string): State {
  const known = state.conversations[chat]?.messages.find((m) => m.id === id)
  const author = known?.from.id ?? (state.chats[chat]?.lastId === id ? state.chats[chat].preview.from.id : undefined)
  const byAdmin = author !== undefined && by !== author ? by : undefined
  // A message is uncounted only once. The second time, it would be unknown whether it had counted.
  const again = known?.withdrawn === true
  let doubt = false
  let after = changeChat(state, chat, (before) => {
    const counted = again ? { chat: before, doubt: false } : uncount(before, id, known ? !counts(known) : mine)
    doubt = counted.doubt
    const line = before.preview
    const rest = counted.chat.reaction?.id === id ? unmarked(counted.chat) : counted.chat
    return before.lastId === id && !line.withdrawn ? { ...rest, preview: preview(notice, line.kind, line.from, true, { byAdmin }) } : rest
  })
  after = withdrawnFromPins(changeConversation(after, chat, (c) => withdrawIn(c, id, notice, by)), chat, id)
  return doubt ? doubtful(after, 'unread') : after
}
