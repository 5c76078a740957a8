// @vitest-environment jsdom
import { beforeEach, expect, it } from 'vitest'
import { findEmoji, loadEmoji, recentEmoji, rememberEmoji } from './emoji-data'

beforeEach(() => localStorage.clear())

it('has the emoji of the standard in both languages', async () => {
  const [en, zh] = await Promise.all([loadEmoji('en'), loadEmoji('zh')])
  expect(en.length).toBeGreaterThan(1800)
  expect(zh.map((emoji) => emoji.unicode)).toEqual(en.map((emoji) => emoji.unicode))
  expect(findEmoji(en, 'thumbs up')[0]?.unicode).toMatch(/^👍/)
  expect(findEmoji(zh, '苹果').map((emoji) => emoji.unicode)).toContain('🍎')
  expect(findEmoji(en, 'no such thing at all')).toEqual([])
})

it('remembers what was picked, each once', () => {
  for (const emoji of ['😀', '👍', '😀']) rememberEmoji(emoji)
  expect(recentEmoji()).toEqual(['😀', '👍'])
  localStorage.setItem('parley.emoji', '{')
  expect(recentEmoji()).toEqual([])
})
