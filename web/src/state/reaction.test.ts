import { expect, it } from 'vitest'
import type * as wire from '@/wire/wire.gen'
import { applyPush } from './apply'
import { newChat, putRows } from './chatlist'
import { signedIn } from './fixture'
import type { Chat, Reaction } from './model'
import { withName, withReaction } from './reaction'

const me = signedIn.me?.id ?? ''
const bob = { id: 'bob', name: 'Bob' }
const push = (change: Partial<wire.MessageReaction> = {}): wire.MessageReaction => ({ id: '7', from: me, to: 'bob', by: bob, isOn: true, emoji: '👍', count: 1, users: [bob], ...change })

it('has the most frequent one first, then by code points, as the server', () => {
  let all: readonly Reaction[] = []
  for (const emoji of ['👍🏽', '🎉', '❤️', '👍']) all = withReaction(all, push({ emoji }), me)
  expect(all.map(({ emoji }) => emoji)).toEqual(['❤️', '🎉', '👍', '👍🏽'])
  all = withReaction(all, push({ emoji: '👍🏽', count: 2, by: { id: me, name: 'Me' } }), me)
  expect(all.map(({ emoji, count, mine }) => [emoji, count, mine])).toEqual([['👍🏽', 2, true], ['❤️', 1, false], ['🎉', 1, false], ['👍', 1, false]])
  // Somebody else's change leaves what is mine.
  all = withReaction(all, push({ emoji: '👍🏽', count: 1, isOn: false }), me)
  expect(all.find(({ emoji }) => emoji === '👍🏽')?.mine).toBe(true)
  expect(withReaction(all, push({ emoji: '🎉', count: 0, isOn: false, users: [] }), me).map(({ emoji }) => emoji)).toEqual(['❤️', '👍', '👍🏽'])
})

it('shows the present names', () => {
  const all = withReaction([], push(), me)
  expect(withName(all, { id: 'bob', name: 'Robert' })[0]?.users).toEqual([{ id: 'bob', name: 'Robert' }])
  expect(withName(all, { id: 'ann', name: 'Anna' })).toBe(all)
})

it('marks the chat of the author if the server says so, until it is read', () => {
  const row: Chat = { ...newChat('1:bob'), name: 'Bob', lastId: '9', at: 9000 }
  const state = putRows(signedIn, [row])
  const mark = (after: typeof state) => after.chats['1:bob']?.reaction
  const marked = applyPush(state, 'message reaction', push({ mark: true }), 0)
  expect(mark(marked)).toEqual({ id: '7', emoji: '👍', by: bob })
  expect(marked.order).toEqual(state.order)
  expect(mark(applyPush(state, 'message reaction', push(), 0))).toBeUndefined()
  expect(mark(applyPush(state, 'message reaction', push({ from: 'bob', to: me, by: { id: me, name: 'Me' }, mark: true }), 0))).toBeUndefined()
  expect(mark(applyPush(marked, 'clear unread', { type: 1, id: 'bob' }, 0))).toBeUndefined()
  expect(mark(applyPush(marked, 'new withdraw usermessage', { id: '7', from: me, to: 'bob', msg: { con: 'gone' } }, 0))).toBeUndefined()
  expect(mark(applyPush(marked, 'new withdraw usermessage', { id: '8', from: me, to: 'bob', msg: { con: 'gone' } }, 0))).toBeDefined()
  // The one that was removed may not have been the only one.
  expect(applyPush(marked, 'message reaction', push({ isOn: false, count: 0, users: [] }), 0).stale.chats).toBeGreaterThan(0)
})
