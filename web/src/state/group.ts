// Groups as this account is a member of them.
import type * as wire from '@/wire/wire.gen'
import { changeChat, doubtful, groupChat, newChat, putChat } from './chatlist'
import { beginGap, changeMessages, forFormerMember } from './conversation'
import { forgetPins } from './pin'
import { readAll } from './unread'
import type { Chat, Group, RememberedGroup } from './model'
import type { State } from './store'

export const putGroup = (state: State, group: Group): State => ({ ...remember(state, group.id, { members: group.members }), groups: { ...state.groups, [group.id]: group } })

export const remember = (state: State, id: string, known: RememberedGroup): State => ({ ...state, remembered: { ...state.remembered, [id]: { ...state.remembered[id], ...known } } })

export function changeGroup(state: State, id: string, change: Partial<Group> | ((g: Group) => Partial<Group>)): State {
  const group = state.groups[id]
  if (!group) return state
  return putGroup(state, { ...group, ...(typeof change === 'function' ? change(group) : change) })
}

/** Of a group whose changes are not all told, so that it is asked for anew. */
function forgetGroup(state: State, id: string): State {
  const { [id]: _, ...groups } = state.groups
  return { ...state, groups }
}

/**
 * I am in the group from now on. The list gets it with the system message that follows. Of one that I come back to, I
 * have missed what was said in between.
 */
export function entered(before: State, g: wire.NewGroup): State {
  const key = groupChat(g.id)
  const state = forgetPins(changeMessages(before, key, beginGap), key)
  const { left: _, ...known } = state.chats[key] ?? newChat(key)
  const chat = { ...known, name: g.name, avatar: g.logo, isPost: g.isPost, muted: !g.isPush, active: true }
  return membersChanged(putChat(forgetGroup(state, g.id), chat, false), g.id)
}

/** I am in it no longer, or it is no more. Where its line stands now, the server knows. */
export function left(state: State, id: string, how: NonNullable<Chat['left']>): State {
  const { [id]: _, ...remembered } = state.remembered // only members may know who is in it
  const pins = how === 'dissolved' ? state.pins : { ...state.pins, [groupChat(id)]: [] }
  const after = changeChat({ ...forgetGroup(state, id), remembered, pins }, groupChat(id), (chat) => ({ ...readAll(chat), active: false, left: how }))
  return membersChanged(doubtful(how === 'dissolved' ? after : changeMessages(after, groupChat(id), forFormerMember), 'chats'), id)
}

export function renamed(state: State, id: string, name: string): State {
  return changeChat(changeGroup(state, id, { name }), groupChat(id), (chat) => ({ ...chat, name }))
}

export function muted(state: State, id: string, isMuted: boolean): State {
  return changeChat(changeGroup(state, id, { muted: isMuted }), groupChat(id), (chat) => ({ ...chat, muted: isMuted }))
}

export function administrator(state: State, id: string, account: string, is: boolean): State {
  const after = account === state.me?.id ? changeGroup(state, id, { role: is ? 'admin' : 'member' }) : state
  return membersChanged(after, id)
}

export function membersAdded(state: State, id: string, accounts: readonly string[]): State {
  return membersChanged(changeGroup(state, id, (g) => ({ members: g.members + accounts.length })), id)
}

/** When the creator leaves, somebody else becomes it, which nothing tells. */
export function memberLeft(state: State, id: string, account: string): State {
  if (state.groups[id]?.creator === account) return membersChanged(forgetGroup(state, id), id)
  return membersChanged(changeGroup(state, id, (g) => ({ members: g.members - 1 })), id)
}

/** Picture, announcement or setting of a group that only its new state tells. */
export function changed(state: State, id: string, now: Partial<Group>): State {
  const { name, avatar, isPost } = now
  const face = { ...(name !== undefined && { name }), ...(avatar !== undefined && { avatar }), ...(isPost !== undefined && { isPost }) }
  return changeChat(changeGroup(state, id, now), groupChat(id), (chat) => ({ ...chat, ...face }))
}

const membersChanged = (state: State, id: string): State => ({
  ...state,
  stale: { ...state.stale, members: { ...state.stale.members, [id]: (state.stale.members[id] ?? 0) + 1 } },
})
