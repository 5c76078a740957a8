// What the screens show. The wire's shapes (wire/wire.gen.ts) are turned into
// these at one place, state/from-wire.ts, and nowhere else. What the client API
// answers (wire/api.gen.ts) is shown as it is, or a part of it.
import type { Face, Myself, Notice, OwnGroup, Person as Account, PersonInGroup } from '@/wire/api.gen'
import type { Report } from '@/wire/wire.gen'

/** Names a chat or an inbox: `1:<account>`, `2:<group>`, `3:system` … `10:workflow`. */
export type ChatKey = string

/** 1 a person, 2 a group, 3–10 an inbox, 100 a public account. */
export type ChatType = number

interface ChatRef {
  type: ChatType
  /** Account, group or inbox name. */
  id: string
}

type Always = 'id' | 'name' | 'avatar'

/** Somebody; of those whom only a message or a group has named, no more than what is always there. */
export interface Person extends Pick<Account, Always>, Partial<Omit<Account, Always>> {}

/** The one who is signed in. */
export interface Me extends Person, Pick<Myself, 'sessionId' | 'organizations' | 'hasPassword' | 'freshUntil' | 'role' | 'twoFactorDue'>, Partial<Pick<Myself, 'language' | 'timeZone' | 'hidesReading' | 'readMarks' | 'hidesActivity' | 'activity'>> {}

/** A line of the chat list. */
export interface Chat {
  key: ChatKey
  ref: ChatRef
  name: string
  avatar: string
  /** Its last message, as one line. */
  preview: { text: string; from: { id: string; name: string }; kind: MessageKind | null; withdrawn: boolean; byAdmin?: string; report?: Report }
  lastId: string
  /** Its place in the order of arrival: its last message; of an inbox, the last message of any chat before its last notification. */
  after: string
  /** Of the last message, Unix milliseconds. 0: there is none. */
  at: number
  unread: number
  /** Unread notifications that are counted apart; inboxes only. */
  weakUnread: number
  muted: boolean
  /** Unread messages that mention me, newest first. */
  mentions: string[]
  /** When the other person shook the window, until the chat is read; only this device knows it. */
  shakenAt?: number
  /** The latest reaction of somebody to a message of mine since I last read the chat. */
  reaction?: { id: string; emoji: string; by: { id: string; name: string } }
  /** When it was put on top; 0: it is not on top. */
  topAt: number
  /** false: no longer a contact, no longer a member. */
  active: boolean
  /** How the membership of a group ended. */
  left?: 'removed' | 'left' | 'dissolved' | 'ended'
  /** A long-lived group of an organization; false: a discussion. */
  isPost: boolean
  /** How `unread` came about; state/unread.ts alone reads it. */
  ledger?: Ledger
  /** The line is from the last visit, and the server has not told it yet: its last message at that time. */
  old?: string
}

/**
 * `unread` is what the server counted up to and with message `upTo`, and the
 * messages `ids` that were counted here since.
 */
interface Ledger {
  upTo: string
  ids: string[]
}

export type MessageKind = 'text' | 'image' | 'voice' | 'file' | 'card' | 'location' | 'video' | 'system'

export interface FileInfo {
  key?: string
  url?: string
  id?: string
  name: string
  /** Bytes. */
  size: number
  /** MIME type of a file that was chosen in this browser; empty of all others. */
  type: string
  /** Seconds, of sound and film. */
  seconds?: number
  width?: number
  height?: number
  isEmotion?: boolean
  /** A voice message that I have heard. */
  heard?: boolean
}

/** An emoji that people have put on a message. */
export interface Reaction {
  emoji: string
  count: number
  mine: boolean
  /** The first of them, at most three. */
  users: readonly { id: string; name: string }[]
}

/** How many have read an own message; `of` 0: nobody says so. */
export interface ReadMark {
  read: number
  of: number
}

export interface Card {
  title: string
  md?: string
  text?: string
  url: string
  pic?: string
  entityId?: string
}

export interface Place {
  lng: number
  lat: number
  title?: string
  address?: string
}

export interface Quote {
  id: string
  kind: MessageKind
  text: string
  from: { id: string; name: string; avatar: string }
  at: number
  withdrawn: boolean
  file?: FileInfo
  card?: Card
  place?: Place
}

/** A message that is pinned in its chat. */
export interface Pin {
  /** The message as it is now. */
  quote: Quote
  by: { id: string; name: string }
  /** When, Unix milliseconds. */
  at: number
}

/** What is written in a chat and not sent. Its files are not part of it, because a browser cannot keep them. */
export interface Unsent {
  text: string
  /** The message that it answers. */
  quote: Quote | null
  /** The text is that of a message that is being edited, and this is what was being written before. */
  editing?: (Earlier & { id: string; former: string }) | undefined
}

/** What was being written before a message was put into the field, and whom it mentions. */
export interface Earlier {
  text: string
  quote: Quote | null
  calls: readonly Call[]
}

/**
 * Of an own message: uploading its file, waiting for the acknowledgement, failed
 * (with the server's reason). Everybody else's are `sent`.
 */
export type Sending = { state: 'sent' } | { state: 'uploading'; fraction: number } | { state: 'waiting' } | { state: 'failed'; reason: string }

export interface Message {
  /** Stays the same from the moment of sending on: the waiting id of what was sent here, else the id. */
  key: string
  /** null until the server has acknowledged it. */
  id: string | null
  chat: ChatKey
  from: { id: string; name: string; avatar: string }
  /** A program has written it, by an incoming webhook. */
  bot?: true
  mine: boolean
  kind: MessageKind
  /** Of a withdrawn message the notice that replaces it. */
  text: string
  file?: FileInfo
  /** Object address of a file that is being sent from here, to show it at once. */
  localFile?: string
  card?: Card
  place?: Place
  quote?: Quote
  app?: { name: string; url: string }
  /** 1 added, 2 removed, 3 renamed, 4 other; 0: no system message. */
  system: number
  /** What a system message tells; its text says the same in the language of the server. */
  report?: Report
  /** Unix milliseconds; of a message that is not acknowledged, when it was sent here. */
  at: number
  withdrawn: boolean
  /** The administrator who has withdrawn it; undefined: its author has. */
  byAdmin?: string
  /** When its text was last edited, Unix milliseconds. */
  edited?: number
  pinned?: true
  /** In the order of compareReactions; never empty. */
  reactions?: readonly Reaction[]
  /** Of an own message. Missing while it is not known. */
  mark?: ReadMark
  sending: Sending
}

/** A stretch of a conversation without gaps, oldest first, and what is to be sent behind it. */
export interface Conversation {
  key: ChatKey
  /** Acknowledged messages, by id. */
  messages: Message[]
  /** Own messages that the server has not acknowledged, in the order of sending. */
  outbox: Message[]
  /** There are older ones on the server than the first of messages. */
  hasOlder: boolean
  /** There are newer ones on the server than the last of messages: the stretch was reached by a jump. */
  hasNewer: boolean
  loading: 'none' | 'older' | 'newer' | 'around' | 'first'
  /** Set when the last load failed. */
  error: string | null
  /** Id of the message above which the line "new messages" stands; null: none. Fixed while the chat is open. */
  newFrom: string | null
  /** When that message was sent, Unix milliseconds. */
  newAt?: number | undefined
  /** Message to scroll to and to light up; each jump has another `at`. */
  jump: { id: string; at: number } | null
  /** The reader has scrolled away from the end. */
  away?: boolean
  /** The connection was lost: between the last message and those of `ahead` some may be missing. */
  gap?: boolean
  /** The messages are from the last visit: they are shown until the server answers. */
  old?: boolean
  /** Read marks of messages that are not here yet, by id. */
  early?: Readonly<Record<string, ReadMark>>
  /** Arrived while what is before them was not here; oldest first. */
  ahead?: Message[]
  /** Where the list begins; missing while that is not known. Each opening has another object. */
  begin?: Begin
}

/** `new`: the line of the new messages, or the end where that is on the screen with it; else a message that was at `offset` pixels below the upper edge. */
export type Begin = { to: 'end' } | { to: 'new' } | { to: 'message'; id: string; offset: number }

export interface Group extends Omit<OwnGroup, 'isPush' | 'createdAt'> {
  muted: boolean
}

/** What was last known of a group, also from the last visit. It is shown until the server has told the group. */
export interface RememberedGroup {
  members?: number
  /** Of members who stand for a group without a picture. */
  faces?: readonly Face[]
}

export interface GroupMember extends Omit<PersonInGroup, 'person'> {
  person: Person
}

export type Notification = Notice

/** A mention in a text: whom it means, and where the `@` before the name stands. Several people may have the same name. */
export interface Call {
  at: number
  name: string
  /** Of an account; `everybody` for all members. */
  id: string
}

/** Stands for all members among the ids of calls. */
export const everybody = '*'

/** A shake of a window in a chat with a person, as this device knows it. */
export interface Shake {
  mine: boolean
  /** Unix milliseconds. */
  at: number
  /** The last message before it; empty: there was none. */
  after: string
}

/** Somebody who writes a message in a chat. */
export interface Typist {
  id: string
  name: string
  /** Unix milliseconds after which it is no longer shown. */
  until: number
}

/** What somebody is about to send. */
export interface Draft {
  kind: Exclude<MessageKind, 'system'>
  text: string
  file?: FileInfo
  card?: Card
  place?: Place
  quote?: Quote
  /** Members to mention once the message is there, or everyone. */
  mentions?: string[] | 'all'
  /** Where the text mentions them. */
  calls?: Call[]
  /** A file to upload first. `kind` says as what. */
  upload?: File
}

/**
 * `connecting`: no connection yet. `online`: everything shown is up to date or being
 * brought up to date. `offline`: the connection is lost and is tried again. `refused`:
 * the server does not let this page connect, because of its origin; it is tried again.
 */
export type Connection = 'signed-out' | 'connecting' | 'online' | 'offline' | 'refused'

export const chatKey = (type: ChatType, id: string): ChatKey => `${type}:${id}`

export function chatRef(key: ChatKey): ChatRef {
  const colon = key.indexOf(':')
  return { type: Number(key.slice(0, colon)), id: key.slice(colon + 1) }
}

export const isInbox = (type: ChatType): boolean => type >= 3 && type <= 10

/** The pseudo account with which everybody has a chat between their own devices. */
export const fileTransfer = 'file-transfer'
