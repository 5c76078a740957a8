// @vitest-environment jsdom
import en from 'emojibase-data/en/compact.json'
import { beforeEach, expect, it } from 'vitest'
import { emojiList } from '../../build/emojiList.ts'
import { chosenTone, findEmoji, inTone, loadEmoji, recentEmoji, rememberEmoji, rememberTone, tones, withWordsOf } from './emoji-data'

beforeEach(() => localStorage.clear())

it('has the emoji of the standard in both languages', async () => {
  const [english, chinese] = await Promise.all([loadEmoji('en'), loadEmoji('zh')])
  expect(english.length).toBeGreaterThan(1800)
  expect(chinese.map((emoji) => emoji.unicode)).toEqual(english.map((emoji) => emoji.unicode))
  expect(findEmoji(english, 'thumbs up')[0]?.unicode).toMatch(/^👍/)
  expect(findEmoji(chinese, '苹果').map((emoji) => emoji.unicode)).toContain('🍎')
  expect(findEmoji(english, 'no such thing at all')).toEqual([])
})

it('is known to the server', async () => {
  await expect(emojiList()).toMatchFileSnapshot('../../../internal/emoji/emoji.txt')
})

it('is found by the words of both languages', async () => {
  const [english, chinese] = await Promise.all([loadEmoji('en'), loadEmoji('zh')])
  expect(findEmoji(withWordsOf(english, chinese), '苹果').map((emoji) => emoji.unicode)).toContain('🍎')
  expect(findEmoji(withWordsOf(chinese, english), 'apple').map((emoji) => emoji.label)).toContain('红苹果')
})

it('gives every emoji the skin tones of the standard', async () => {
  const skins = new Map(en.flatMap((entry) => ('skins' in entry ? [[entry.unicode, entry.skins!.map((skin) => skin.unicode)]] : [])))
  const toned = (await loadEmoji('en')).filter((emoji) => emoji.hasTones)
  expect(toned.map((emoji) => emoji.unicode).sort()).toEqual([...skins.keys()].sort())
  for (const emoji of toned) {
    expect(inTone(emoji, '')).toBe(emoji.unicode)
    for (const tone of tones.slice(1)) expect(skins.get(emoji.unicode)).toContain(inTone(emoji, tone))
  }
  expect(inTone({ unicode: '🍎', hasTones: false }, '\u{1F3FD}')).toBe('🍎')
})

it('remembers what was picked, each once', () => {
  for (const emoji of ['😀', '👍', '😀']) rememberEmoji(emoji)
  expect(recentEmoji()).toEqual(['😀', '👍'])
  localStorage.setItem('parley.emoji', '{')
  expect(recentEmoji()).toEqual([])
})

it('remembers the skin tone', () => {
  expect(chosenTone()).toBe('')
  rememberTone('\u{1F3FE}')
  expect(chosenTone()).toBe('\u{1F3FE}')
  localStorage.setItem('parley.emoji-tone', 'x')
  expect(chosenTone()).toBe('')
})
