// The addresses of the client's pages.
import { withoutBase } from './base'
import { chatKey, chatRef, isInbox, type ChatKey } from '@/state/model'

/** Where a chat or an inbox is shown; `message` is scrolled to. */
export function pathOf(key: ChatKey, message?: string): string {
  const { type, id } = chatRef(key)
  if (isInbox(type)) return `/inbox/${encodeURIComponent(id)}`
  return `/chat/${type}/${encodeURIComponent(id)}${message ? `?m=${encodeURIComponent(message)}` : ''}`
}

/** The inboxes by name, with the session type each has in the chat list. */
export const inboxTypes: Readonly<Record<string, number>> = {
  system: 3,
  post: 4,
  calendar: 5,
  task: 6,
  knowledge: 7,
  hr: 8,
  worksheet: 9,
  workflow: 10,
}

/** The chat that a path shows, or null. */
export function chatOfPath(path: string): ChatKey | null {
  const chat = /^\/chat\/(\d+)\/([^/?]+)$/.exec(path)
  if (chat) return chatKey(Number(chat[1]), decode(chat[2] ?? ''))
  const inbox = /^\/inbox\/([^/?]+)$/.exec(path)
  const type = inbox && inboxTypes[decode(inbox[1] ?? '')]
  return inbox && type ? chatKey(type, decode(inbox[1] ?? '')) : null
}

/** The chat that this tab shows, or null. */
export const shownChat = (): ChatKey | null => chatOfPath(withoutBase(location.pathname) ?? '/')

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
