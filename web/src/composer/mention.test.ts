import { describe, expect, it } from 'vitest'
import { everybody, mentioned, mentionQuery, mentionRange } from './mention'

describe('mentionQuery', () => {
  it.each([
    ['@', 1, { at: 0, query: '' }],
    ['hello @an', 9, { at: 6, query: 'an' }],
    ['你好@张', 4, { at: 2, query: '张' }],
    ['hello @an there', 9, { at: 6, query: 'an' }],
    ['(@bo', 4, { at: 1, query: 'bo' }],
    ['me@example.com', 14, null],
    ['@ann le', 7, { at: 0, query: 'ann le' }],
    ['@ann ', 5, null],
    ['@ann\nhello', 10, null],
    ['hello', 5, null],
  ])('%s', (text, caret, want) => {
    expect(mentionQuery(text, caret)).toEqual(want)
  })
})

it('replaces what was written of the name, and a space behind it', () => {
  expect(mentionRange('hi @an', { at: 3, query: 'an' })).toEqual([3, 6])
  expect(mentionRange('hi @an there', { at: 3, query: 'an' })).toEqual([3, 7])
  expect(mentionRange('hi @an, there', { at: 3, query: 'an' })).toEqual([3, 6])
})

describe('mentioned', () => {
  const picked = new Map([
    ['Ann', 'a'],
    ['Ann Lee', 'l'],
    ['张三', 'z'],
    ['everyone', everybody],
  ])
  it.each([
    ['hello', undefined],
    ['@Ann Lee hello', ['l']],
    ['@Ann, @Ann Lee', ['l', 'a']],
    ['@Anna', undefined],
    ['@张三你好', ['z']],
    ['@everyone and @Ann', 'all'],
  ])('%s', (text, want) => {
    expect(mentioned(text, picked)).toEqual(want)
  })
})
