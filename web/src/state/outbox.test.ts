import { expect, it } from 'vitest'
import { beginGap, changeOrMake, putNewer, putStretch } from './conversation'
import { me, message, signedIn } from './fixture'
import { acknowledged, dequeue, enqueue, outgoing, setSending } from './outbox'

const key = '1:ann'
const loaded = changeOrMake(signedIn, key, (c) => putStretch(c, [message(1)], { older: false, newer: false }))
const sent = outgoing(key, { kind: 'text', text: 'hello' }, 'w1', me, 2000)

it('shows a message at once, behind the others', () => {
  const state = enqueue(enqueue(loaded, sent), sent)
  expect(state.conversations[key]?.outbox).toEqual([{ ...sent, sending: { state: 'waiting' } }])
})

it('moves an acknowledged message among the others and keeps its key', () => {
  const state = acknowledged(enqueue(loaded, sent), 'w1', message(2, { mine: true, text: 'hello' }))
  const c = state.conversations[key]
  expect(c?.outbox).toEqual([])
  expect(c?.messages.map((m) => [m.key, m.id])).toEqual([['1', '1'], ['w1', '2']])
  // The answer to a repeated send changes nothing.
  const again = acknowledged(state, 'w1', message(2, { mine: true, text: 'hello' }))
  expect(again.conversations[key]?.messages).toEqual(c?.messages)
})

it('shows a message where it waited until what was missed before it is here', () => {
  const gap = enqueue(changeOrMake(loaded, key, beginGap), sent)
  const stored = acknowledged(gap, 'w1', message(5, { mine: true, text: 'hello' }))
  expect(stored.conversations[key]?.outbox).toMatchObject([{ key: 'w1', id: '5', sending: { state: 'sent' } }])
  const caught = changeOrMake(stored, key, (c) => putNewer(c, [message(3), message(4)], true))
  expect(caught.conversations[key]?.outbox).toEqual([])
  expect(caught.conversations[key]?.messages.map((m) => m.key)).toEqual(['1', '3', '4', 'w1'])
})

it('has a place for messages to chats that nobody has opened', () => {
  const state = setSending(enqueue(signedIn, sent), key, 'w1', { state: 'failed', reason: 'removeit' })
  expect(state.conversations[key]).toMatchObject({ messages: [], hasOlder: true, hasNewer: true, outbox: [{ sending: { state: 'failed' } }] })
  expect(dequeue(state, key, 'w1').conversations[key]?.outbox).toEqual([])
  expect(acknowledged(state, 'w1', message(2)).conversations[key]?.messages).toEqual([])
})
