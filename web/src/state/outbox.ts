// Own messages on their way: shown at once, behind what the server has acknowledged.
import { changeConversation, changeOrMake, messageInConversation } from './conversation'
import { messageInThread } from './thread'
import type { ChatKey, Conversation, Draft, Me, Message, Sending } from './model'
import type { State } from './store'

/** A message as it is shown until the server has it. */
export function outgoing(chat: ChatKey, draft: Draft, waitingId: string, me: Me, at: number): Message {
  return {
    key: waitingId,
    id: null,
    chat,
    from: { id: me.id, name: me.name, avatar: me.avatar },
    mine: true,
    kind: draft.kind,
    text: draft.text,
    ...(draft.file && { file: draft.file }),
    ...(draft.card && { card: draft.card }),
    ...(draft.place && { place: draft.place }),
    ...(draft.quote && { quote: draft.quote }),
    system: 0,
    at,
    withdrawn: false,
    ...(draft.aside && { aside: true as const }),
    sending: draft.upload ? { state: 'uploading', fraction: 0 } : { state: 'waiting' },
  }
}

/** Own messages that the server does not have. */
export const unsent = ({ conversations }: Pick<State, 'conversations'>): Message[] =>
  Object.values(conversations).flatMap((c) => c.outbox.filter((m) => m.sending.state !== 'sent'))

/** The last own message of a chat whose sending is in one of the states. */
export const lastSending = (c: Conversation | undefined, ...states: Sending['state'][]): Message | undefined => c?.outbox.findLast((m) => states.includes(m.sending.state))

/** Puts the message behind the others that wait; one that is there already stays where it is. */
export const enqueue = (state: State, m: Message): State =>
  changeOrMake(state, m.chat, (c) => (c.outbox.some((o) => o.key === m.key) ? c : { ...c, outbox: [...c.outbox, m] }))

export const setSending = (state: State, chat: ChatKey, key: string, sending: Sending): State =>
  changeWaiting(state, chat, key, (m) => ({ ...m, sending }))

export const changeWaiting = (state: State, chat: ChatKey, key: string, change: (m: Message) => Message): State =>
  changeConversation(state, chat, (c) => ({ ...c, outbox: c.outbox.map((m) => (m.key === key ? change(m) : m)) }))

export const dequeue = (state: State, chat: ChatKey, key: string): State =>
  changeConversation(state, chat, (c) => (c.outbox.some((m) => m.key === key) ? { ...c, outbox: c.outbox.filter((m) => m.key !== key) } : c))

/**
 * The server has the message: it takes its place among the others, under the key it was shown with. As long as what
 * stands before it is not here, it is shown where it waited.
 */
export function acknowledged(state: State, key: string, stored: Message): State {
  const waiting = state.conversations[stored.chat]?.outbox.find((m) => m.key === key)
  const m: Message = { ...stored, key, ...(waiting?.localFile && { localFile: waiting.localFile }) }
  return changeConversation(messageInThread(state, m), stored.chat, (c) => {
    const next = messageInConversation(c, m)
    const outbox = next.ahead?.includes(m) ? next.outbox.map((o) => (o.key === key ? m : o)) : next.outbox.filter((o) => o.key !== key)
    return { ...next, outbox }
  })
}
