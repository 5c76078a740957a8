import { chatKey, chatRef, type Chat } from '@/state/model'

/** A chat for tests, with what the test is about changed. */
export function aChat(key: string, change: Partial<Chat> = {}): Chat {
  const ref = chatRef(key)
  return {
    key: chatKey(ref.type, ref.id),
    ref,
    name: `chat ${ref.id}`,
    avatar: '',
    preview: { text: '', from: { id: '', name: '' }, kind: null, withdrawn: false },
    lastId: '',
    after: '',
    at: 0,
    unread: 0,
    weakUnread: 0,
    muted: false,
    mentions: [],
    topAt: 0,
    active: true,
    isPost: false,
    ...change,
  }
}

/** The part of the state that lists read. */
export function aList(chats: Chat[], current: string | null = null): { chats: Record<string, Chat>; order: string[]; current: string | null } {
  return { chats: Object.fromEntries(chats.map((c) => [c.key, c])), order: chats.map((c) => c.key), current }
}
