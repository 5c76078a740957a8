import type { ChatRow, GroupHistoryRow, UserHistoryRow } from '@/wire/wire.gen'
import type { UnreadPlace } from '@/wire/api.gen'
import { chatRef, type ChatKey } from '@/state/model'
import { request } from './http'

export type HistoryRow = UserHistoryRow | GroupHistoryRow

/** As many as the server ever gives at once. */
export const largestPage = 100

/** A page of the chat list, on top first, then the most recent first; an empty one is its end. */
export const chatList = (pageIndex: number, pageSize: number, signal?: AbortSignal): Promise<ChatRow[]> =>
  request('GET', 'chat_list', { query: { pageIndex, pageSize }, signal })

interface Stretch {
  num: number
  signal?: AbortSignal | undefined
}

/** The newest messages, or those strictly older than a message. Newest first. */
export const messagesBefore = (chat: ChatKey, id: string | null, { num, signal }: Stretch): Promise<HistoryRow[]> =>
  messages(chat, { sinceid: id ?? undefined, num }, signal)

/** The messages strictly newer than a message. Oldest first. */
export const messagesAfter = (chat: ChatKey, id: string, { num, signal }: Stretch): Promise<HistoryRow[]> =>
  messages(chat, { sinceid: id, direction: 1, num }, signal)

/** How much of a chat is unread, and the first message of it. */
export function unreadPlace(chat: ChatKey, signal?: AbortSignal): Promise<UnreadPlace> {
  const { type, id } = chatRef(chat)
  return request<'GET /api/unread'>('GET', '/api/unread', { query: { type, chat: id }, signal })
}

/** The message and what surrounds it. Oldest first. */
export const messagesAround = (chat: ChatKey, id: string, { num, signal }: Stretch): Promise<HistoryRow[]> =>
  request('GET', isGroup(chat) ? 'group_messages_byid' : 'messages_byid', { query: { msgid: id, size: num }, signal })

/** Which of the messages with files, seen from one message. */
const filesWhere = { around: 0, before: 1, after: 2 } as const

/** Messages with files, oldest first: before includes the message itself, after does not. */
export const filesNear = (
  chat: ChatKey,
  id: string,
  where: keyof typeof filesWhere,
  { num, signal }: Stretch,
): Promise<HistoryRow[]> =>
  request('GET', isGroup(chat) ? 'group_files_byid' : 'user_files_byid', {
    query: { msgid: id, size: num, type: filesWhere[where] },
    signal,
  })

const isGroup = (chat: ChatKey): boolean => chatRef(chat).type === 2

function messages(chat: ChatKey, query: object, signal?: AbortSignal): Promise<HistoryRow[]> {
  const { id } = chatRef(chat)
  return isGroup(chat)
    ? request('GET', 'group_messages', { query: { groupid: id, ...query }, signal })
    : request('GET', 'messages', { query: { accountid: id, ...query }, signal })
}
