// The pushes that notify: messages of others, notifications, mentions and shakes.
import type { Pushes, UserMessage, GroupMessage } from '@/wire/wire.gen'
import type { Incoming } from '@/app/incoming'
import { messageFrom, previewOf } from '@/state/from-wire'
import { inboxKey, inboxOf } from '@/state/inbox'
import { chatKey } from '@/state/model'
import type { State } from '@/state/store'

/** `before` and `after` are what was shown before the push and is shown after it. null: nothing worth a bell. */
export function incomingOf<E extends keyof Pushes>(event: E, payload: Pushes[E], before: State, after: State): Incoming | null {
  switch (event) {
    case 'new message':
    case 'new group message':
      return message(payload as UserMessage | GroupMessage, before)
    case 'group shake':
      return mentioned(payload as Pushes['group shake'], after)
    case 'shake shake':
      return shaken(payload as Pushes['shake shake'], after)
    case 'new notify':
      return notified(payload as Pushes['new notify'])
    default:
      return null
  }
}

function message(w: UserMessage | GroupMessage, before: State): Incoming | null {
  const m = messageFrom(w, before.me?.id ?? '')
  // Of what is known already the bell has rung, or did not have to.
  const known = before.conversations[m.chat]?.messages.some((k) => k.id === m.id)
  if (m.mine || m.system || known || !m.id) return null
  return { chat: m.chat, id: m.id, from: m.from, text: previewOf(m).text, kind: m.kind, mention: false, shake: false, weak: false }
}

function mentioned(s: Pushes['group shake'], after: State): Incoming | null {
  const chat = chatKey(2, s.gid)
  const m = after.conversations[chat]?.messages.find((k) => k.id === s.msg.msgid)
  const line = after.chats[chat]
  const last = line?.lastId === s.msg.msgid ? line : undefined
  const from = m?.from ?? { name: last?.preview.from.name ?? '', avatar: '' }
  const { text, kind } = m ? previewOf(m) : (last?.preview ?? { text: '', kind: null })
  return { chat, id: s.msg.msgid, from, text, kind, mention: true, shake: false, weak: false }
}

function shaken(s: Pushes['shake shake'], after: State): Incoming {
  const chat = chatKey(1, s.aid)
  const line = after.chats[chat]
  return { chat, id: '', from: { name: line?.name ?? '', avatar: line?.avatar ?? '' }, text: '', kind: null, mention: true, shake: true, weak: false }
}

function notified(n: Pushes['new notify']): Incoming | null {
  const category = inboxOf(n)
  if (!category) return null
  return { chat: inboxKey(category), id: n.id, from: { name: n.name ?? '', avatar: '' }, text: n.msg, kind: null, mention: false, shake: false, weak: n.weak ?? false }
}
