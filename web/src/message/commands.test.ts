import { describe, expect, it } from 'vitest'
import type { Message } from '@/state/model'
import { commandOfKey, commandsFor, copyText } from './commands'

const base: Message = {
  key: 'k',
  id: '1',
  chat: '1:bob',
  from: { id: 'bob', name: 'Bob', avatar: '' },
  mine: false,
  kind: 'text',
  text: 'hello',
  system: 0,
  at: 1_000_000,
  withdrawn: false,
  sending: { state: 'sent' },
}
const around = { canSpeak: true, canReact: true, canPin: false, canMark: false, isAdmin: false, readMarks: true, withdrawSeconds: 300, editSeconds: 86_400, now: 1_000_000 + 299_000 }

describe('commandsFor', () => {
  it.each<[string, Partial<Message>, Partial<typeof around>, string[]]>([
    ['somebody else’s', {}, {}, ['react', 'reply', 'thread', 'forward', 'copy']],
    ['my own, in time', { mine: true }, {}, ['react', 'reply', 'thread', 'forward', 'copy', 'edit', 'withdraw']],
    ['my own, too late to withdraw', { mine: true }, { now: 1_000_000 + 300_000 }, ['react', 'reply', 'thread', 'forward', 'copy', 'edit']],
    ['my own, too late to edit', { mine: true }, { now: 1_000_000 + 86_400_000 }, ['react', 'reply', 'thread', 'forward', 'copy']],
    ['where I may not speak', {}, { canSpeak: false }, ['react', 'forward', 'copy']],
    ['where I am no longer', {}, { canSpeak: false, canReact: false }, ['forward', 'copy']],
    ['my own, where I may not speak any more', { mine: true }, { canSpeak: false, canReact: false }, ['forward', 'copy', 'withdraw']],
    ['with reactions', { reactions: [{ emoji: '👍', count: 1, mine: false, users: [] }] }, {}, ['react', 'reply', 'thread', 'forward', 'copy', 'reactions']],
    ['with replies, where I may not speak', { replies: 1 }, { canSpeak: false }, ['react', 'thread', 'forward', 'copy']],
    ['that can be pinned', {}, { canPin: true }, ['react', 'reply', 'thread', 'forward', 'copy', 'pin']],
    ['that is pinned', { pinned: true }, { canPin: true }, ['react', 'reply', 'thread', 'forward', 'copy', 'unpin']],
    ['that can be marked', {}, { canMark: true }, ['react', 'reply', 'thread', 'forward', 'copy', 'unread']],
    ['my own, where messages can be marked', { mine: true }, { canMark: true, now: 9e12 }, ['react', 'reply', 'thread', 'forward', 'copy']],
    ['my own in a group, with a read mark', { chat: '2:g', mine: true, mark: { read: 0, of: 2 } }, {}, ['react', 'reply', 'thread', 'forward', 'copy', 'edit', 'readers', 'withdraw']],
    ['with a read mark that I do not want', { chat: '2:g', mine: true, mark: { read: 0, of: 2 } }, { readMarks: false }, ['react', 'reply', 'thread', 'forward', 'copy', 'edit', 'withdraw']],
    ['my own in a group, without one', { chat: '2:g', mine: true, mark: { read: 0, of: 0 } }, {}, ['react', 'reply', 'thread', 'forward', 'copy', 'edit', 'withdraw']],
    ['in a group, as administrator', { chat: '2:g' }, { isAdmin: true, now: 9e12 }, ['react', 'reply', 'thread', 'forward', 'copy', 'withdraw']],
    ['on my devices, for ever', { chat: '1:file-transfer', mine: true }, { now: 9e12 }, ['react', 'reply', 'thread', 'forward', 'copy', 'edit', 'withdraw']],
    ['a picture', { kind: 'image', text: '', file: { name: 'a.png', size: 1, type: 'png' } }, {}, ['react', 'reply', 'thread', 'forward', 'download']],
    ['withdrawn', { withdrawn: true }, {}, []],
    ['of the system', { kind: 'system', system: 1 }, {}, []],
    ['failed', { id: null, mine: true, sending: { state: 'failed', reason: 'removeit' } }, {}, ['retry', 'copy', 'discard']],
    ['on its way', { id: null, mine: true, sending: { state: 'waiting' } }, {}, ['copy', 'edit', 'discard']],
    ['on its way, where I may not speak any more', { id: null, mine: true, sending: { state: 'waiting' } }, { canSpeak: false }, ['copy', 'discard']],
    ['a picture on its way', { id: null, mine: true, kind: 'image', text: '', sending: { state: 'uploading', fraction: 0.5 } }, {}, ['discard']],
  ])('%s', (_, message, circumstances, want) => {
    expect(commandsFor({ ...base, ...message }, { ...around, ...circumstances })).toEqual(want)
  })
})

it('has a key for each', () => {
  expect(commandOfKey('r', ['react', 'reply', 'forward'])).toBe('reply')
  expect(commandOfKey('Backspace', ['withdraw'])).toBe('withdraw')
  expect(commandOfKey('Delete', ['retry', 'discard'])).toBe('discard')
  expect(commandOfKey('Delete', ['reply'])).toBeUndefined()
})

it('copies what can be read', () => {
  expect(copyText(base)).toBe('hello')
  expect(copyText({ ...base, text: '', card: { title: 'Plan', url: 'https://example.test' } })).toBe('Plan\nhttps://example.test')
})
