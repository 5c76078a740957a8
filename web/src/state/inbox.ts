// Inboxes: a line of the chat list each, and their notifications.
import type * as wire from '@/wire/wire.gen'
import { changeChat, doubtful, newChat, newestId, putChat } from './chatlist'
import { preview } from './from-wire'
import { isNewer } from './id'
import { chatKey, type ChatKey } from './model'
import type { State } from './store'

const types: Record<wire.Category, number> = { system: 3, post: 4, calendar: 5, task: 6, knowledge: 7, hr: 8, worksheet: 9, workflow: 10 }

// In the order of their dtype, which is not that of their types.
const byDtype: wire.Category[] = ['post', 'system', 'calendar', 'task', 'knowledge', 'hr', 'worksheet', 'workflow']

export const inboxKey = (category: wire.Category): ChatKey => chatKey(types[category], category)

/** The inbox of a notification; null: one that this client does not know. */
export const inboxOf = (n: wire.NewNotify): wire.Category | null => byDtype[n.dtype] ?? null

export function notified(state: State, n: wire.NewNotify): State {
  const category = inboxOf(n)
  if (!category) return state
  const key = inboxKey(category)
  const known = state.chats[key]
  const chat = known ?? { ...newChat(key), name: category }
  const upTo = chat.ledger?.upTo ?? chat.lastId
  // It was in the row of the list already.
  if (!isNewer(n.id, upTo)) return state
  const next = putChat(
    state,
    {
      ...chat,
      lastId: n.id,
      after: newestId(state),
      at: n.ts,
      preview: preview(n.msg, null, { id: '', name: '' }, false),
      muted: n.isSilent,
      unread: chat.unread + (n.weak ? 0 : 1),
      weakUnread: chat.weakUnread + (n.weak ? 1 : 0),
      ledger: { upTo: n.id, ids: [] },
    },
    true,
  )
  const after = inboxChanged(known ? next : doubtful(next, 'chats'), category)
  // They come with notifications of their own.
  return category === 'system' ? doubtful(doubtful(after, 'requests'), 'people') : after
}

/** Another device has read it, so that `value` are unread; or says so, which only the server knows. */
export function cleared(state: State, category: wire.Category, value: number): State {
  const after = changeChat(state, inboxKey(category), (chat) => ({ ...chat, unread: Math.min(chat.unread, value), weakUnread: value === 0 ? 0 : chat.weakUnread }))
  return inboxChanged(doubtful(after, 'unread'), category)
}

export const silenced = (state: State, category: wire.Category, silent: boolean): State =>
  changeChat(state, inboxKey(category), (chat) => ({ ...chat, muted: silent }))

/** What the server says of every inbox with unread notifications; the others have none but weak ones. */
export function setInboxes(state: State, inboxes: readonly wire.InboxUnread[], spared: ReadonlySet<ChatKey>): State {
  let after = state
  for (const category of byDtype) {
    const key = inboxKey(category)
    const box = inboxes.find((i) => i.value === category)
    if (spared.has(key)) continue
    after = changeChat(after, key, (chat) => {
      const now = { unread: box?.count ?? 0, weakUnread: box ? (box.weak_count ?? 0) : chat.weakUnread, muted: box?.isSilent ?? chat.muted }
      return chat.unread === now.unread && chat.weakUnread === now.weakUnread && chat.muted === now.muted ? chat : { ...chat, ...now }
    })
  }
  return after
}

export const inboxChanged = (state: State, category: wire.Category): State => ({
  ...state,
  stale: { ...state.stale, inboxes: { ...state.stale.inboxes, [category]: (state.stale.inboxes[category] ?? 0) + 1 } },
})
