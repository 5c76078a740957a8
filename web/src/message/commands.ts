import { chatRef, fileTransfer, type Message } from '@/state/model'

/** What somebody can do with a message. */
export type Command = 'react' | 'reply' | 'thread' | 'forward' | 'copy' | 'download' | 'edit' | 'reactions' | 'readers' | 'pin' | 'unpin' | 'unread' | 'withdraw' | 'retry' | 'discard'

interface Circumstances {
  /** The reader may write into the chat. */
  canSpeak: boolean
  /** The reader may put emoji on messages. */
  canReact: boolean
  /** The reader may pin messages. */
  canPin: boolean
  /** The reader may mark messages as unread. */
  canMark: boolean
  /** The reader administers the group. */
  isAdmin: boolean
  /** The reader sees who has read the own messages. */
  readMarks: boolean
  withdrawSeconds: number
  editSeconds: number
  now: number
}

/** What is offered for the message, in the order of a menu. The server decides in the end. */
export function commandsFor(message: Message, { canSpeak, canReact, canPin, canMark, isAdmin, readMarks, withdrawSeconds, editSeconds, now }: Circumstances): Command[] {
  if (message.kind === 'system' || message.withdrawn) return []
  if (message.id === null) {
    const offered: Command[] = message.sending.state === 'failed' ? ['retry'] : []
    if (message.text) offered.push('copy')
    if (message.sending.state === 'waiting' && message.kind === 'text' && canSpeak) offered.push('edit')
    offered.push('discard')
    return offered
  }
  const offered: Command[] = []
  if (canReact) offered.push('react')
  if (canSpeak) offered.push('reply')
  if (canSpeak || message.replies) offered.push('thread')
  offered.push('forward')
  if (copyText(message)) offered.push('copy')
  if (message.file && message.kind !== 'voice') offered.push('download')
  const { type, id } = chatRef(message.chat)
  const anyTime = id === fileTransfer || (type === 2 && isAdmin)
  const inTime = anyTime || (message.mine && now - message.at < withdrawSeconds * 1000)
  if (message.mine && message.kind === 'text' && canSpeak && (id === fileTransfer || now - message.at < editSeconds * 1000)) offered.push('edit')
  if (message.reactions) offered.push('reactions')
  if (message.mine && type === 2 && readMarks && (message.mark?.of ?? 0) > 0) offered.push('readers')
  if (canPin) offered.push(message.pinned ? 'unpin' : 'pin')
  if (canMark && !message.mine) offered.push('unread')
  if (inTime) offered.push('withdraw')
  return offered
}

/** What copying a message puts on the clipboard; "" when there is nothing to copy. */
export function copyText(message: Message): string {
  if (message.text) return message.text
  if (message.card) return `${message.card.title}\n${message.card.url}`
  if (message.place) return [message.place.title, message.place.address].filter(Boolean).join('\n')
  return ''
}

/** The key that does it to the message that is selected. */
export const keyOf: Record<Command, string> = {
  react: '+',
  reply: 'R',
  thread: 'T',
  forward: 'F',
  copy: 'C',
  download: 'D',
  edit: 'E',
  reactions: 'W',
  readers: 'I',
  pin: 'P',
  unpin: 'P',
  unread: 'U',
  withdraw: 'Delete',
  retry: 'Enter',
  discard: 'Delete',
}

/** The command that a key stands for, among those offered. */
export function commandOfKey(key: string, offered: readonly Command[]): Command | undefined {
  const pressed = key === 'Backspace' ? 'delete' : key.toLowerCase()
  return offered.find((command) => keyOf[command].toLowerCase() === pressed)
}
