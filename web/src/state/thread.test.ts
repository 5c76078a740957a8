import { expect, it } from 'vitest'
import type * as wire from '@/wire/wire.gen'
import { applyPush } from './apply'
import { loadedNow, loading, newConversation, putStretch } from './conversation'
import { message, signedIn } from './fixture'
import type { Message, Quote } from './model'
import { acknowledged, enqueue, outgoing } from './outbox'
import type { State } from './store'
import { messageInThread, putOlderReplies, putThread, repliesOf, rootOf, threadClosed, threadFailed, threadLoading, threadOpened } from './thread'

const me = signedIn.me?.id ?? ''
const key = '1:ann'
const quote: Quote = { id: '5', kind: 'text', text: 'text 5', from: { id: 'ann', name: 'Ann', avatar: '' }, at: 5000, withdrawn: false }
const root = message(5)
const reply = (id: number, change: Partial<Message> = {}): Message => message(id, { quote, ...change })
const ids = ({ thread }: State): (string | null)[] => (thread ? repliesOf(thread).map((m) => m.id) : [])
const rootIn = ({ thread }: State): Message | undefined => (thread ? rootOf(thread) : undefined)

const c = { ...newConversation(key), messages: [root, reply(6), message(7)], hasNewer: false }
const opened = threadOpened({ ...signedIn, conversations: { [key]: c } }, key, '5')
const known = putThread(threadLoading(opened, 'first'), root, [reply(6), reply(8)], true)

const pushed = (id: number, refer?: string): wire.UserMessage => ({
  id: String(id),
  from: 'ann',
  uname: 'Ann',
  logo: '',
  to: me,
  type: 1,
  msg: { con: `text ${id}` },
  app: { appid: '', name: '', url: '' },
  time: '',
  ts: id * 1000,
  ...(refer && { refer: { msgid: refer, msg: `text ${refer}`, type: 1, time: '', ts: 1000, iswd: false, user: { id: 'ann', name: 'Ann', avatar: '', account_id: 'ann', full_name: 'Ann' } } }),
})

it('shows the message at once, and its replies when the server has told them', () => {
  expect(rootIn(opened)?.id).toBe('5')
  expect(ids(opened)).toEqual([])
  expect(opened.thread?.list.hasNewer).toBe(true)
  expect(ids(known)).toEqual(['6', '8'])
  expect(known.thread?.list).toMatchObject({ hasOlder: false, hasNewer: false, loading: 'none' })
  expect(threadOpened(known, key, '5')).toBe(known)
  expect(ids(threadOpened(known, key, '6'))).toEqual([])
  expect(threadClosed(known).thread).toBeNull()
})

it('has what arrives, once, also while it is being read', () => {
  const loading = threadLoading(opened, 'first')
  const arrived = applyPush(applyPush(loading, 'new message', pushed(9, '5'), 0), 'new message', pushed(10), 0)
  expect(ids(putThread(arrived, root, [reply(6)], true))).toEqual(['6', '9'])
  let state = known
  for (const id of [9, 9, 8]) state = applyPush(state, 'new message', pushed(id, '5'), 0)
  expect(ids(state)).toEqual(['6', '8', '9'])
  expect(ids(applyPush(state, 'new message', pushed(11, '6'), 0))).toEqual(['6', '8', '9'])
})

it('reads again from the end without what is gone meanwhile', () => {
  const state = putThread(threadLoading(known, 'first'), root, [reply(6)], true)
  expect(ids(state)).toEqual(['6'])
  expect(state.thread?.list.gap).toBeUndefined()
})

it('has earlier replies before those that are here', () => {
  const late = putThread(threadLoading(opened, 'first'), root, [reply(8)], false)
  expect(late.thread?.list.hasOlder).toBe(true)
  const all = putOlderReplies(threadLoading(late, 'older'), [reply(6)], true)
  expect(ids(all)).toEqual(['6', '8'])
  expect(all.thread?.list).toMatchObject({ hasOlder: false, loading: 'none' })
  const failed = threadFailed(threadLoading(late, 'older'), 'too many requests')
  expect(failed.thread?.list).toMatchObject({ hasOlder: true, loading: 'none', error: 'too many requests' })
})

it('has an own reply when it is acknowledged', () => {
  const draft = { kind: 'text' as const, text: 'mine', quote, aside: true as const }
  const waiting = enqueue(known, outgoing(key, draft, 'w1', signedIn.me!, 9000))
  expect(waiting.conversations[key]?.outbox[0]?.aside).toBe(true)
  expect(ids(waiting)).toEqual(['6', '8'])
  const stored = acknowledged(waiting, 'w1', reply(9, { mine: true }))
  expect(ids(stored)).toEqual(['6', '8', '9'])
  expect(stored.thread?.list.messages.at(-1)?.key).toBe('w1')
  expect(stored.conversations[key]?.outbox).toEqual([])
  expect(ids(messageInThread(stored, reply(9)))).toEqual(['6', '8', '9'])
})

it('follows edits, withdrawals, reactions and numbers, as the conversation does', () => {
  let state = applyPush(known, 'message edited', { id: '8', from: 'ann', to: me, msg: { con: 'better' }, edited: 3 }, 0)
  expect(state.thread && repliesOf(state.thread)[1]?.text).toBe('better')
  state = applyPush(state, 'message reaction', { id: '8', from: 'ann', to: me, by: { id: 'ann', name: 'Ann' }, isOn: true, emoji: '👍', count: 1, users: [] }, 0)
  expect(state.thread && repliesOf(state.thread)[1]?.reactions).toHaveLength(1)
  state = applyPush(state, 'new withdraw usermessage', { id: '6', from: 'ann', to: me, msg: { con: 'gone' } }, 0)
  expect(ids(state)).toEqual(['8'])
  expect(state.conversations[key]?.messages[1]?.withdrawn).toBe(true)
  state = applyPush(state, 'new withdraw usermessage', { id: '5', from: 'ann', to: me, msg: { con: 'gone' } }, 0)
  expect(rootIn(state)?.withdrawn).toBe(true)
  expect(ids(state)).toEqual(['8'])
})

it('counts replies as the server does', () => {
  const count = (replies: number): wire.ReplyCount => ({ id: '5', from: 'ann', to: me, replies })
  const replies = (state: State): (number | undefined)[] => [state.conversations[key]?.messages[0]?.replies, rootIn(state)?.replies]
  let state = applyPush(known, 'reply count', count(2), 0)
  expect(replies(state)).toEqual([2, 2])
  expect(applyPush(state, 'reply count', count(2), 0)).toBe(state)
  state = applyPush(state, 'new withdraw usermessage', { id: '5', from: 'ann', to: me, msg: { con: 'gone' } }, 0)
  expect(replies(state)).toEqual([2, 2])
  state = applyPush(state, 'reply count', count(0), 0)
  expect(replies(state)).toEqual([undefined, undefined])
})

it('believes what was pushed while the chat was being loaded', () => {
  const begun = { ...signedIn, conversations: { [key]: loading({ ...newConversation(key) }, 'first') } }
  const told = applyPush(begun, 'reply count', { id: '5', from: 'ann', to: me, replies: 3 }, 0)
  const rows = [message(5, { replies: 2 }), message(7)]
  const ended = (state: State): Message[] => loadedNow(putStretch(state.conversations[key] ?? newConversation(key), rows, { older: false, newer: false })).messages
  expect(ended(begun).map((m) => m.replies)).toEqual([2, undefined])
  expect(ended(told).map((m) => m.replies)).toEqual([3, undefined])
  // What was pushed before a load begins is in what it loads.
  const again = { ...told, conversations: { [key]: loading(told.conversations[key] ?? newConversation(key), 'first') } }
  expect(ended(again).map((m) => m.replies)).toEqual([2, undefined])
})

it('may have missed something in a group that one enters again', () => {
  const team = '2:team'
  const thread = putThread(threadLoading(threadOpened(signedIn, team, '5'), 'first'), { ...root, chat: team }, [], true)
  const again = applyPush(thread, 'new group', { id: 'team', name: 'Team', logo: '', uCount: 2, admins: [], isPost: true, cuser: 'ann', isPush: true } as wire.NewGroup, 0)
  expect(again.thread?.list.gap).toBe(true)
})
