import { expect, it } from 'vitest'
import type * as wire from '@/wire/wire.gen'
import { applyPush } from './apply'
import { newConversation } from './conversation'
import { message, signedIn } from './fixture'
import { putPins } from './pin'
import type { State } from './store'

const me = signedIn.me?.id ?? ''
const key = '1:ann'
const ann = { id: 'ann', name: 'Ann' }
const refer = (msgid: string): wire.Refer => ({
  msgid,
  msg: `text ${msgid}`,
  type: 1,
  time: '',
  ts: 1000,
  iswd: false,
  user: { id: 'ann', name: 'Ann', avatar: '', account_id: 'ann', full_name: 'Ann' },
})
const pin = (id: string, ts: number): wire.Pin => ({ message: refer(id), by: ann, ts })
const push = (id: string, ts: number | null): wire.MessagePinned => ({ id, from: 'ann', to: me, by: ann, isPinned: ts !== null, count: 1, ...(ts !== null && { pin: pin(id, ts) }) })
const ids = (state: State): string[] | undefined => state.pins[key]?.map(({ quote }) => quote.id)
const known = putPins(signedIn, key, { pins: [pin('5', 20), pin('9', 10)] })

it('has the one that was pinned last first, each once', () => {
  let state = applyPush(known, 'message pinned', push('7', 30), 0)
  expect(ids(state)).toEqual(['7', '5', '9'])
  state = applyPush(state, 'message pinned', push('7', 30), 0)
  expect(ids(state)).toEqual(['7', '5', '9'])
  expect(ids(applyPush(state, 'message pinned', push('8', 30), 0))).toEqual(['8', '7', '5', '9'])
  state = applyPush(state, 'message pinned', push('5', null), 0)
  expect(ids(applyPush(state, 'message pinned', push('5', null), 0))).toEqual(['7', '9'])
})

it('is left to the server where it is not known, but for the message', () => {
  const c = { ...newConversation(key), messages: [message(7, { chat: key })], hasNewer: false }
  const state = applyPush({ ...signedIn, conversations: { [key]: c } }, 'message pinned', push('7', 30), 0)
  expect(ids(state)).toBeUndefined()
  expect(state.conversations[key]?.messages[0]?.pinned).toBe(true)
  expect(applyPush(state, 'message pinned', push('7', null), 0).conversations[key]?.messages[0]?.pinned).toBeUndefined()
})

it('follows edits, withdrawals and names', () => {
  let state = applyPush(known, 'message edited', { id: '5', from: 'ann', to: me, msg: { con: 'better' }, edited: 3 }, 0)
  expect(state.pins[key]?.[0]?.quote.text).toBe('better')
  state = applyPush(state, 'contact changed', { id: 'ann', name: 'Anna', avatar: 'a.png', email: '', isContact: true, isFriend: true } as wire.ContactChanged, 0)
  expect(state.pins[key]?.[0]).toMatchObject({ quote: { from: { name: 'Anna', avatar: 'a.png' } }, by: { name: 'Anna' } })
  state = applyPush(state, 'new withdraw usermessage', { id: '5', from: 'ann', to: me, msg: { con: 'withdrawn' } }, 0)
  expect(ids(state)).toEqual(['9'])
})

it('shows a former member of a group nothing', () => {
  const team = '2:team'
  const c = { ...newConversation(team), messages: [message(7, { chat: team, pinned: true })], hasNewer: false }
  const state = { ...putPins(signedIn, team, { pins: [pin('7', 20)] }), conversations: { [team]: c } }
  const removed = applyPush(state, 'removed from group', { id: 'team', name: 'Team', how: 'removed' }, 0)
  expect(removed.pins[team]).toEqual([])
  expect(removed.conversations[team]?.messages[0]?.pinned).toBeUndefined()
  const dissolved = applyPush(state, 'removed from group', { id: 'team', name: 'Team', how: 'dissolved' }, 0)
  expect(dissolved.pins[team]).toHaveLength(1)
  expect(dissolved.conversations[team]?.messages[0]?.pinned).toBe(true)
})
