import type { ReaderList, Reactor, Revision, SetStatus } from '@/wire/wire.gen'
import type { Call, ChatKey, Draft, Message, Unsent } from './model'

/**
 * Everything a screen can make happen. The implementation (app/session.ts) speaks
 * to the server and feeds the store; screens read the store and call these.
 * Those that return a promise reject with an ApiError or a SocketError, whose
 * `message` is the server's text; the sends never reject, they leave a failed message.
 */
export interface Actions {
  /** Makes the chat the current one: loads it, reads it, tells the server. */
  openChat(key: ChatKey): Promise<void>
  closeChat(): void
  loadOlder(key: ChatKey): Promise<void>
  loadNewer(key: ChatKey): Promise<void>
  /** Loads what surrounds the message where it is not there, and sets Conversation.jump. */
  jumpTo(key: ChatKey, messageId: string): Promise<void>
  jumpToNewest(key: ChatKey): Promise<void>
  /** What is on the screen of the open chat: the last message that counts as read (null: none does), and whether its end is there. */
  saw(key: ChatKey, what: { last: string | null; end: boolean }): void
  /** Where the reader is in the chat, for when they come back; null: at its end. */
  leavePlace(key: ChatKey, place: { id: string; offset: number } | null): void

  send(key: ChatKey, draft: Draft): void
  /** Sends a refused message again; `asFile`: its picture or video as an ordinary file. */
  retry(key: ChatKey, messageKey: string, asFile?: boolean): void
  /** Takes a message that is not acknowledged back; cancels its upload. */
  discard(key: ChatKey, messageKey: string): void
  withdraw(message: Message): Promise<void>
  /** Replaces the text of an own message, and mentions whom the former text did not mention. */
  edit(key: ChatKey, messageId: string, text: string, calls: Call[]): Promise<void>
  /** The texts that a message has had, oldest first. */
  revisions(message: Message): Promise<Revision[]>
  /** Those who have put an emoji on a message, the first ones first; a page from a place on. */
  reactors(message: Message, emoji: string, from: number): Promise<Reactor[]>
  /** How many have read an own message, and those who have or have not: a page from a place on. */
  readers(message: Message, read: boolean, from: number): Promise<ReaderList>
  /** The person types into the field of a chat. */
  typed(key: ChatKey): void
  /** Says something about oneself; without fields, nothing any more. */
  setStatus(status: SetStatus): Promise<void>
  /** Puts an emoji on a message, or removes it. */
  react(message: Message, emoji: string, on: boolean): Promise<void>
  /** Pins a message in its chat, or ends that. */
  pin(message: Pick<Message, 'id' | 'chat'>, on: boolean): Promise<void>
  forward(message: Message, to: ChatKey[]): void
  markHeard(message: Message): Promise<void>
  shake(key: ChatKey): Promise<void>
  /** A current address of the message's file: the known one, or a new one when it is about to expire. */
  fileAddress(message: Message): Promise<string>

  /** `left`: how many of the newest notifications of an inbox stay unread. */
  markRead(key: ChatKey, left?: number): Promise<void>
  /** Marks the messages of the chat from one on as unread. The open chat is not read until it is opened again. */
  markUnread(key: ChatKey, messageId: string): Promise<void>
  markAllRead(): Promise<void>
  setSticky(key: ChatKey, top: boolean): Promise<void>
  setMuted(key: ChatKey, muted: boolean): Promise<void>
  hideChat(key: ChatKey): Promise<void>
  /** Loads the next page of the chat list; a no-op when everything is there. */
  loadMoreChats(): Promise<void>
  /** Makes the chat known (name, picture) though it is in no list yet: before a first message. */
  ensureChat(key: ChatKey, name: string, avatar: string): void
  /** Changes what is written and not sent in the chat; omitted fields are unchanged. */
  setDraft(key: ChatKey, change: Partial<Unsent>): void

  /** Tries to connect now instead of waiting for the next attempt. */
  reconnect(): void
  /** Uploads an image for a profile or a group; gives the key to name it by. */
  uploadPicture(file: File): Promise<string>

  /** Ends the session; rejects when the server does not answer, and nothing has happened then. */
  signOut(): Promise<void>
  /** Signs out on this device without waiting for the server, which is told as soon as it can be reached. */
  signOutHere(): void
}
