import { describe, expect, it } from 'vitest'
import { applyPush } from './apply'
import { forFormerMember, markIn, messageInConversation, newConversation, putStretch, withdrawIn } from './conversation'
import { message, signedIn } from './fixture'
import type { Conversation, Message } from './model'

const own = (id: number, change: Partial<Message> = {}): Message => message(id, { mine: true, from: { id: 'me', name: 'Me', avatar: '' }, ...change })
const marks = (c: Conversation): (string | undefined)[] => c.messages.map((m) => m.mark && `${m.mark.read} of ${m.mark.of}`)
const mark = (c: Conversation, id: number, read: number, of: number): Conversation => markIn(c, new Map([[String(id), { read, of }]]))
const here = (...rows: Message[]): Conversation => putStretch(newConversation('1:ann'), rows, { older: true, newer: false })

describe('read marks', () => {
  it('are those of the last push, also back', () => {
    let c = here(own(1, { mark: { read: 0, of: 2 } }), own(2))
    c = mark(mark(c, 1, 2, 2), 2, 1, 2)
    expect(marks(c)).toEqual(['2 of 2', '1 of 2'])
    expect(marks(mark(c, 1, 1, 2))).toEqual(['1 of 2', '1 of 2'])
    expect(mark(c, 1, 2, 2)).toBe(c)
  })

  it('may come before their message', () => {
    let c = mark(mark(here(own(1)), 3, 1, 2), 2, 0, 2)
    c = messageInConversation(c, own(2))
    expect(marks(c)).toEqual([undefined, '0 of 2'])
    c = messageInConversation(c, own(3))
    expect(marks(c)).toEqual([undefined, '0 of 2', '1 of 2'])
    expect(c.early).toBeUndefined()
  })

  it('of older messages that are not here are not kept', () => {
    const c = here(own(5))
    expect(mark(c, 4, 1, 1)).toBe(c)
  })

  it('stay when the message is pushed again, and are replaced by the history', () => {
    let c = mark(here(own(1)), 1, 1, 1)
    c = messageInConversation(c, own(1))
    expect(marks(c)).toEqual(['1 of 1'])
    c = messageInConversation(c, own(1, { mark: { read: 0, of: 1 } }))
    expect(marks(c)).toEqual(['0 of 1'])
  })

  it('go with the message, and with the membership', () => {
    const c = mark(here(own(1), own(2)), 1, 1, 1)
    expect(marks(withdrawIn(c, '1', 'gone'))).toEqual([undefined, undefined])
    expect(marks(mark(withdrawIn(c, '1', 'gone'), 1, 1, 1))).toEqual([undefined, undefined])
    expect(marks(forFormerMember(c))).toEqual([undefined, undefined])
  })

  it('are pushed for the chat', () => {
    const state = { ...signedIn, conversations: { '2:g': { ...here(own(1, { chat: '2:g' })), key: '2:g' } } }
    const after = applyPush(state, 'read marks', { type: 2, id: 'g', marks: [{ id: '1', read: 1, of: 3 }] }, 0)
    expect(marks(after.conversations['2:g'] as Conversation)).toEqual(['1 of 3'])
    expect(applyPush(state, 'read marks', { type: 1, id: 'x', marks: [{ id: '1', read: 1, of: 3 }] }, 0)).toBe(state)
  })
})
