// Returns the chat that a push concerns, for Touched.
import type { Pushes } from '@/wire/wire.gen'
import { chatOfMessage } from '@/state/apply'
import { chatOf } from '@/state/from-wire'
import { inboxKey, inboxOf } from '@/state/inbox'
import { chatKey, fileTransfer, type ChatKey } from '@/state/model'

interface Touch {
  key: ChatKey | null
  isMessage: boolean
}

const group = (gid: string): Touch => ({ key: chatKey(2, gid), isMessage: false })
const chat = (type: number, id: string): Touch => ({ key: chatKey(type, id), isMessage: false })

const touches: { [E in keyof Pushes]?: (p: Pushes[E], me: string) => Touch } = {
  'new message': (m, me) => ({ key: chatOf(m, me), isMessage: true }),
  'new group message': (m, me) => ({ key: chatOf(m, me), isMessage: true }),
  'new session': (s) => chat(s.type, s.id),
  'new withdraw usermessage': (w, me) => chat(1, w.to === fileTransfer ? fileTransfer : w.from === me ? w.to : w.from),
  'new withdraw groupmessage': (w) => group(w.gid),
  'message edited': (e, me) => ({ key: chatOfMessage(e, me), isMessage: false }),
  'message reaction': (r, me) => ({ key: chatOfMessage(r, me), isMessage: false }),
  'reply count': (r, me) => ({ key: chatOfMessage(r, me), isMessage: false }),
  'message pinned': (p, me) => ({ key: chatOfMessage(p, me), isMessage: false }),
  'clear unread': (s) => chat(s.type, s.id),
  'mark unread': (u) => chat(u.type, u.id),
  'unread again': (u) => chat(u.type, u.id),
  'unread left': (u) => chat(u.type, u.id),
  'clear all unread': () => ({ key: null, isMessage: false }),
  'session removed': (s) => chat(s.type, s.id),
  'new sticky on top': (s) => chat(s.type, s.value),
  'group shake': (s) => group(s.gid),
  'new group': (g) => group(g.id),
  'removed from group': (g) => group(g.id),
  'group renamed': (g) => group(g.gid),
  'group changed': (g) => group(g.gid),
  'set group notice': (g) => group(g.gid),
  'set user notice': (n) => chat(1, n.aid),
  'contact changed': (c) => chat(1, c.id),
  'new notify': (n) => {
    const category = inboxOf(n)
    return { key: category && inboxKey(category), isMessage: true }
  },
  'clear notification': (n) => ({ key: inboxKey(n.type), isMessage: false }),
  'new silence message': (s) => ({ key: inboxKey(s.value), isMessage: false }),
}

export function touchOf<E extends keyof Pushes>(event: E, payload: Pushes[E], me: string): Touch | null {
  return touches[event]?.(payload, me) ?? null
}
