// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { draftedOnly } from './drafted'
import { filters, shownChats } from './filter'
import { aChat, aList } from './fixture'
import { neighbour } from './neighbour'
import { previewOf } from './preview'
import type { Me } from '@/state/model'
import { enqueue, outgoing } from '@/state/outbox'
import { initialState } from '@/state/store'

const me: Me = { id: 'me', name: 'Me', avatar: '', sessionId: '', organizations: [], hasPassword: false }

const list = aList([
  aChat('1:ann', { name: 'Ann Lee', unread: 2 }),
  aChat('2:team', { name: 'Équipe', mentions: ['7'], unread: 1 }),
  aChat('3:system', { name: 'system', weakUnread: 1 }),
  aChat('2:noise', { name: '产品讨论', unread: 9, muted: true }),
  aChat('1:bob', { name: 'Bob' }),
])

test('each filter shows its own', () => {
  const got = Object.fromEntries(filters.map((f) => [f, shownChats(list, f, '').join(' ')]))
  expect(got).toEqual({
    all: '1:ann 2:team 3:system 2:noise 1:bob',
    unread: '1:ann 2:team 3:system 2:noise',
    mentions: '2:team',
    people: '1:ann 1:bob',
    groups: '2:team 2:noise',
    inboxes: '3:system',
  })
})

test('the open chat stays among the unread', () => {
  expect(shownChats({ ...list, current: '1:bob' }, 'unread', '')).toContain('1:bob')
  expect(shownChats({ ...list, current: '1:bob' }, 'groups', '')).not.toContain('1:bob')
})

test('names are found without case and accents, in any script', () => {
  expect(shownChats(list, 'all', ' equipe ')).toEqual(['2:team'])
  expect(shownChats(list, 'all', 'LEE')).toEqual(['1:ann'])
  expect(shownChats(list, 'all', '讨论')).toEqual(['2:noise'])
  expect(shownChats(list, 'people', '讨论')).toEqual([])
})

test('the neighbour in the list', () => {
  expect(neighbour(list, 1, false)).toBe('1:ann')
  expect(neighbour(list, -1, false)).toBe('1:bob')
  expect(neighbour({ ...list, current: '2:team' }, 1, false)).toBe('3:system')
  expect(neighbour({ ...list, current: '1:bob' }, 1, false)).toBeNull()
  expect(neighbour({ chats: {}, order: [], current: null }, 1, false)).toBeNull()
})

test('the next unread goes round and passes over what is silenced', () => {
  expect(neighbour(list, 1, true)).toBe('1:ann')
  expect(neighbour({ ...list, current: '1:ann' }, 1, true)).toBe('2:team')
  expect(neighbour({ ...list, current: '2:team' }, 1, true)).toBe('1:ann')
  expect(neighbour({ ...list, current: '1:ann' }, -1, true)).toBe('2:team')
  expect(neighbour(list, -1, true)).toBe('2:team')
  expect(neighbour(aList([aChat('1:ann', { unread: 1 })], '1:ann'), 1, true)).toBeNull()
  expect(neighbour({ chats: {}, order: [], current: null }, 1, true)).toBeNull()
})

const said = { text: 'see\n  you', from: { id: 'ann', name: 'Ann' }, kind: 'text' as const, withdrawn: false }

test('a preview names who wrote only where that is not clear', () => {
  expect(previewOf(aChat('2:team', { preview: said }), '', 'me', false)).toEqual({ tag: null, by: { name: 'Ann' }, kind: null, text: 'see you' })
  expect(previewOf(aChat('2:team', { preview: said }), '', 'ann', false).by).toBe('me')
  expect(previewOf(aChat('1:ann', { preview: said }), '', 'me', false).by).toBeNull()
  expect(previewOf(aChat('2:team', { preview: { ...said, withdrawn: true } }), '', 'me', false).by).toBeNull()
  expect(previewOf(aChat('2:team', { preview: { ...said, kind: 'system' } }), '', 'me', false).by).toBeNull()
})

test('a draft comes first, unless it can be seen in the composer', () => {
  const chat = aChat('2:team', { preview: said, mentions: ['1'] })
  expect(previewOf(chat, ' wait ', 'me', false)).toEqual({ tag: 'draft', by: null, kind: null, text: 'wait' })
  expect(previewOf(chat, ' wait ', 'me', true).tag).toBe('mention')
  expect(previewOf(chat, '   ', 'me', false).tag).toBe('mention')
})

test('a message that waits to be sent stands in place of the last one', () => {
  const chat = aChat('2:team', { preview: said })
  const waiting = outgoing('2:team', { kind: 'text', text: 'on my way' }, 'w', me, 1)
  expect(previewOf(chat, '', 'me', false, waiting)).toEqual({ tag: null, by: 'me', kind: null, text: 'on my way' })
  expect(previewOf(chat, 'a draft', 'me', false, waiting)).toMatchObject({ tag: 'draft', text: 'a draft' })
})

test('a kind that has an icon', () => {
  expect(previewOf(aChat('1:ann', { preview: { ...said, kind: 'image' } }), '', 'me', false).kind).toBe('image')
})

test('chats that are in no list and have drafts are told', () => {
  const chats = { ...list.chats, '1:eve': aChat('1:eve', { name: 'Eve' }), '1:new': aChat('1:new', { name: '' }) }
  const written = { text: 'half a sen', quote: null }
  const drafts = { '1:eve': written, '1:new': written, '1:ann': written, '1:unknown': written, '1:file-transfer': { text: ' ', quote: null } }
  expect(draftedOnly({ ...list, chats, drafts, conversations: {} })).toEqual(['1:eve'])
  const { conversations } = enqueue(initialState, outgoing('1:eve', { kind: 'text', text: 'hello' }, 'w', me, 1))
  expect(draftedOnly({ ...list, chats, drafts: {}, conversations })).toEqual(['1:eve'])
})
