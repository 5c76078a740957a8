// @vitest-environment jsdom
import { beforeEach, expect, it } from 'vitest'
import { quickReactions, rememberReaction } from './quickReactions'

beforeEach(() => localStorage.clear())

it('begins with the usual ones, and has those used last first', () => {
  expect(quickReactions()).toEqual(['👍', '❤️', '😂'])
  rememberReaction('🎉')
  expect(quickReactions()).toEqual(['🎉', '👍', '❤️'])
  // The same emoji without its variation selector.
  rememberReaction('❤')
  expect(quickReactions()).toEqual(['❤', '🎉', '👍'])
  for (const emoji of ['👋', '👋🏽', '💔']) rememberReaction(emoji)
  expect(quickReactions()).toEqual(['💔', '👋🏽', '👋'])
})

it('has the usual ones if what is stored is damaged', () => {
  for (const damaged of ['{', '{}', '[1, null]']) {
    localStorage.setItem('parley.reactions', damaged)
    expect(quickReactions()).toEqual(['👍', '❤️', '😂'])
  }
})
