// The wire's shapes turned into what the screens show. Nothing else reads the wire's shapes of messages and chats.
import type * as wire from '@/wire/wire.gen'
import type { HistoryRow } from '@/api/history'
import { isSafeAddress } from '@/app/address'
import { plain } from '@/lib/plain'
import { markFrom, reactionsFrom } from './reaction'
import { chatKey, fileTransfer, type Card, type Chat, type ChatKey, type FileInfo, type Message, type MessageKind, type Place, type Quote } from './model'

const noMark = { read: 0, of: 0 }

const kinds: Record<number, MessageKind> = { 1: 'text', 2: 'image', 3: 'voice', 4: 'file', 5: 'card', 6: 'location', 7: 'video' }

const kindOf = (type: number): MessageKind => kinds[type] ?? 'text'

// As "upload token" numbers what is uploaded; a file's ft is the same number.
const uploadTypes: Partial<Record<MessageKind, number>> = { image: 1, file: 2, voice: 3, video: 4 }

/** The number of the kind of upload that a message of a kind needs. */
export const uploadTypeOf = (kind: MessageKind): number => uploadTypes[kind] ?? 2

/** The number of a kind that somebody can send. */
export const typeOf = (kind: MessageKind): number => Number(Object.keys(kinds).find((type) => kinds[Number(type)] === kind) ?? 1)

export const isGroupMessage = (m: wire.UserMessage | wire.GroupMessage): m is wire.GroupMessage => 'groupname' in m

/** The chat that a message belongs to, as I see it. */
export function chatOf(m: wire.UserMessage | wire.GroupMessage, me: string): ChatKey {
  if (isGroupMessage(m)) return chatKey(2, m.to)
  if (m.to === fileTransfer || m.from === m.to) return chatKey(1, fileTransfer)
  return chatKey(1, m.from === me ? m.to : m.from)
}

/** A message as it was pushed, acknowledged, or read from the history. */
export function messageFrom(m: wire.UserMessage | wire.GroupMessage | HistoryRow | wire.ThreadMessage, me: string): Message {
  const system = m.sysType ?? 0
  return {
    key: ('waitingid' in m && m.waitingid) || m.id,
    id: m.id,
    chat: chatOf(m, me),
    from: { id: m.from, name: plain(m.uname), avatar: m.logo },
    ...(m.bot && { bot: true as const }),
    mine: m.from === me,
    kind: system ? 'system' : kindOf(m.type),
    text: m.msg.con,
    ...withFile(m.msg.files),
    ...(m.card && { card: cardFrom(m.card) }),
    ...(m.location && { place: placeFrom(m.location) }),
    ...(m.refer && { quote: quoteFrom(m.refer) }),
    ...(m.app.name && { app: { name: plain(m.app.name), url: m.app.url } }),
    system,
    ...(m.sys && { report: m.sys }),
    at: m.ts,
    withdrawn: m.iswd ?? false,
    ...('wdAdminid' in m && m.wdAdminid && { byAdmin: m.wdAdminid }),
    ...(m.edited && { edited: m.edited }),
    ...(m.pinned && { pinned: true as const }),
    ...(m.replies && { replies: m.replies }),
    ...(m.reactions && { reactions: reactionsFrom(m.reactions) }),
    // Only the history has it, and there a message without one has none.
    ...('fromAccount' in m && m.from === me && !system && !m.iswd && { mark: m.readMark ?? noMark }),
    sending: { state: 'sent' },
  }
}

export function quoteFrom(r: wire.Refer): Quote {
  return {
    id: r.msgid,
    kind: kindOf(r.type),
    text: r.msg,
    from: { id: r.user.id, name: plain(r.user.name), avatar: r.user.avatar },
    at: r.ts,
    withdrawn: r.iswd,
    ...withFile(r.msgdetail?.files),
    ...(r.card && { card: cardFrom(r.card) }),
    ...(r.location && { place: placeFrom(r.location) }),
  }
}

const withFile = (f: wire.Files | undefined): { file?: FileInfo } => (f ? { file: fileFrom(f) } : {})

function fileFrom(f: wire.Files): FileInfo {
  return {
    name: plain(f.name ?? ''),
    size: f.size ?? 0,
    type: '',
    ...(f.key && { key: f.key }),
    ...(f.url && isSafeAddress(f.url) && { url: f.url }),
    ...(f.id && { id: f.id }),
    ...(f.len !== undefined && { seconds: f.len }),
    ...(f.width !== undefined && { width: f.width }),
    ...(f.height !== undefined && { height: f.height }),
    ...(f.isEmotion && { isEmotion: true }),
    ...(f.read && { heard: true }),
  }
}

/** A file as it is sent. */
export function fileTo(f: FileInfo, kind: MessageKind): wire.File {
  return {
    name: f.name,
    size: f.size,
    ft: uploadTypeOf(kind),
    ...(f.key && { key: f.key }),
    // The server makes the address of what it keeps itself anew for every reader.
    ...(f.url && !f.key && { url: f.url }),
    ...(f.id && { id: f.id }),
    ...(f.seconds !== undefined && { len: f.seconds }),
    ...(f.width !== undefined && { width: f.width }),
    ...(f.height !== undefined && { height: f.height }),
    ...(f.isEmotion && { isEmotion: true }),
  }
}

function cardFrom(c: wire.Card): Card {
  return {
    title: plain(c.title),
    url: c.url,
    ...(c.md && { md: c.md }),
    ...(c.text && { text: c.text }),
    ...(c.pic && { pic: c.pic }),
    ...(c.entityid && { entityId: c.entityid }),
  }
}

export function cardTo({ entityId, ...card }: Card): wire.Card {
  return { ...card, ...(entityId && { entityid: entityId }) }
}

function placeFrom(l: wire.Location): Place {
  return { lng: l.lng, lat: l.lat, ...(l.title && { title: plain(l.title) }), ...(l.address && { address: plain(l.address) }) }
}

const previewLength = 120

// The texts of the server for messages without text, in its own language. The list shows them in the reader's language.
const wordless = new Set('[Image] [Voice] [File] [Card] [Location] [Video] [图片] [语音] [文件] [卡片] [位置] [视频]'.split(' '))

/** What a line says beside its text. */
interface Beside {
  file?: string | undefined
  report?: wire.Report | undefined
  byAdmin?: string | undefined
}

/** The line of a chat about its last message. A file without words goes by its name. */
export function preview(text: string, kind: MessageKind | null, from: { id: string; name: string }, withdrawn: boolean, beside: Beside = {}): Chat['preview'] {
  const bare = kind !== 'text' && !withdrawn && (text === '' || wordless.has(text))
  const name = kind === 'file' ? (beside.file ?? '') : ''
  return {
    text: oneLine(bare ? name : text),
    kind,
    from: { id: from.id, name: from.name },
    withdrawn,
    ...(beside.report && { report: beside.report }),
    ...(beside.byAdmin && { byAdmin: beside.byAdmin }),
  }
}

export const previewOf = (m: Message): Chat['preview'] => preview(m.text, m.kind, m.from, m.withdrawn, { file: m.file?.name, report: m.report, byAdmin: m.byAdmin })

// A row of the chat list has the first 600 bytes of a text, which are never fewer than 200 units. Beginning with those
// makes the same line of a whole message.
function oneLine(text: string): string {
  const line = plain(text.slice(0, 200).replace(/\s+/g, ' ')).trim()
  return line.length <= previewLength ? line : line.slice(0, previewLength).replace(/[\uD800-\uDBFF]$/, '')
}

// Of a message that its author withdrew the row has "withdrew a message", and pushes "Ann withdrew a message".
function rowText({ msg, iswd, wdAdminid, from }: wire.ChatRow): string {
  if (!iswd || wdAdminid || !from) return msg.con
  return `${from.name}${/^[a-z]/i.test(msg.con) ? ' ' : ''}${msg.con}`
}

/** A row of the chat list. */
export function chatFrom(row: wire.ChatRow): Chat {
  const inbox = row.isSilent !== undefined
  const kind = inbox || !row.id ? null : row.sysType ? 'system' : kindOf(row.msg_type ?? 1)
  return {
    key: chatKey(row.type, row.value),
    ref: { type: row.type, id: row.value },
    name: plain(row.name),
    avatar: row.logo,
    preview: preview(rowText(row), kind, row.from ?? { id: '', name: '' }, row.iswd ?? false, { file: row.fileName, report: row.sys, byAdmin: row.wdAdminid }),
    lastId: row.id,
    after: row.after ?? row.id,
    at: Math.max(row.ts, 0),
    unread: row.count,
    weakUnread: row.weak_count ?? 0,
    muted: !row.isPush,
    mentions: row.atlist,
    ...(row.reaction && { reaction: markFrom(row.reaction) }),
    topAt: row.top_info.isTop ? serverTime(row.top_info.time) : 0,
    active: inbox || (row.isContact ?? false),
    ...(row.left && { left: row.left as NonNullable<Chat['left']> }),
    isPost: row.isPost,
    ledger: { upTo: row.id, ids: [] },
  }
}

/**
 * A time that is only written in the server's zone, as a number that grows with it: good for nothing but to be
 * compared with others of its kind. Never 0.
 */
export const serverTime = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`) || 1
