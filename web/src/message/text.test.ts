import { describe, expect, it } from 'vitest'
import { emotions, withEmotions } from './emotions'
import { callsMe, emojiOnly, shortened, tokenize } from './text'

describe('tokenize', () => {
  it('finds addresses, and only those that are safe to follow', () => {
    expect(tokenize('see https://example.test/a?b=1, or mail me@example.com', 'Ann')).toEqual([
      { kind: 'text', text: 'see ' },
      { kind: 'link', text: 'https://example.test/a?b=1', href: 'https://example.test/a?b=1' },
      { kind: 'text', text: ', or mail ' },
      { kind: 'link', text: 'me@example.com', href: 'mailto:me@example.com' },
    ])
    expect(tokenize('javascript:alert(1)', 'Ann')).toEqual([{ kind: 'text', text: 'javascript:alert(1)' }])
    expect(tokenize('example.com 见', 'Ann')[0]).toEqual({ kind: 'link', text: 'example.com', href: 'https://example.com' })
  })

  it('finds who is called', () => {
    expect(tokenize('@Ann Lee hello @Bob, a', 'Ann Lee')).toEqual([
      { kind: 'mention', text: '@Ann Lee', me: true },
      { kind: 'text', text: ' hello ' },
      { kind: 'mention', text: '@Bob', me: false },
      { kind: 'text', text: ', a' },
    ])
    expect(tokenize('你好@张三你看', '张三')[1]).toEqual({ kind: 'mention', text: '@张三', me: true })
    expect(callsMe('@所有人 开会', 'Ann')).toBe(true)
    expect(callsMe('@Everyone: now', 'Ann')).toBe(true)
    expect(callsMe('@Anna hello', 'Ann')).toBe(false)
    expect(callsMe('me@Ann', 'Ann')).toBe(false)
    expect(callsMe('nothing', '')).toBe(false)
    expect(tokenize('@Ann Lee hello', 'Ann', ['Ann Lee'])[0]).toEqual({ kind: 'mention', text: '@Ann Lee', me: false })
    expect(tokenize('@Bo Li!', 'Ann', ['Bo Li'])[0]).toEqual({ kind: 'mention', text: '@Bo Li', me: false })
  })

  // A name with spaces was coloured up to the first one.
  it.each([
    ['@Ann Lee hello', '@Ann Lee'],
    ['@Ann Lee, hello', '@Ann Lee'],
    ['@Ann Lee，你好', '@Ann Lee'],
    ['@Ann Lee你好', '@Ann Lee'],
    ['@Ann Leeds', '@Ann'],
    ['@ann lee', '@ann lee'],
    ['@Ann and @Ann Lee', '@Ann|@Ann Lee'],
    ['@Ann Lee @Ann Lee Junior.', '@Ann Lee|@Ann Lee Junior'],
    ['@José María!', '@José María'],
    ['@Joséphine', '@Joséphine'],
    ['你好@张 三，看', '@张 三'],
    ['@민수는', '@민수'],
    ['(@Ann Lee)', '@Ann Lee'],
    ['ann@Ann Lee', ''],
  ])('finds the whole name: %s', (text, want) => {
    const names = ['Ann Lee Junior', 'José María', 'Ann Lee', 'José', '张 三', 'Ann', '민수']
    const found = tokenize(text, 'Bob', names).filter((token) => token.kind === 'mention')
    expect(found.map((token) => token.text).join('|')).toBe(want)
  })

  it('gives back the whole text', () => {
    const text = 'a @b https://c.test/d [no] @@ @'
    const got = tokenize(text, 'b')
      .map((token) => token.text)
      .join('')
    expect(got).toBe(text)
  })
})

describe('emotions', () => {
  it('are shown as emoji, by both names', () => {
    expect(withEmotions('好[微笑] and [Smile][smile][Nope] [a b]')).toBe('好🙂 and 🙂[smile][Nope] [a b]')
  })

  it('are complete', () => {
    for (const emotion of emotions) {
      expect(emotion.zh && emotion.en && emotion.emoji, JSON.stringify(emotion)).toBeTruthy()
      expect(emojiOnly(emotion.emoji), emotion.emoji).toBe(1)
    }
    expect(new Set(emotions.map((emotion) => emotion.zh)).size).toBe(emotions.length)
    expect(new Set(emotions.map((emotion) => emotion.en)).size).toBe(emotions.length)
  })
})

describe('emojiOnly', () => {
  it.each([
    ['👍', 1],
    ['👍🏽 ❤️', 2],
    ['👨‍👩‍👧‍👦🇨🇳1️⃣', 3],
    ['[强][强]', 2],
    ['ok 👍', 0],
    ['12', 0],
    ['', 0],
  ])('%s', (text, want) => {
    expect(emojiOnly(text)).toBe(want)
  })
})

describe('shortened', () => {
  it('leaves ordinary texts alone', () => {
    expect(shortened('hello\nworld')).toBeNull()
    expect(shortened('x'.repeat(2000))).toBeNull()
  })
  it('cuts long ones, never inside an emoji', () => {
    expect(shortened('x'.repeat(3000))).toHaveLength(1600)
    expect(shortened('\n'.repeat(100))).toHaveLength(23)
    expect(shortened('x' + '😀'.repeat(1500))).toHaveLength(1599)
  })
})
