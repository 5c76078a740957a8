// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { aChat } from '@/chatlist/fixture'
import { bestChats, fit } from './match'
import { pieces, readable } from './pieces'

test('names fit better the earlier they do', () => {
  expect(fit('Annette Lee', 'ann')).toBe(3)
  expect(fit('Lee Annette', 'ann')).toBe(2)
  expect(fit('Joanna', 'ann')).toBe(1)
  expect(fit('Bob', 'ann')).toBe(0)
  expect(fit('Ünal', 'un')).toBe(3)
  expect(fit('产品讨论', '讨论')).toBe(1)
  expect(fit('R&D (core)', 'core')).toBe(2)
  // Quotation marks were sought as part of the name.
  for (const phrase of ['"lee ann"', '“lee ann”', '「lee ann」', '『lee ann』']) expect(fit('Lee Annette', phrase)).toBe(3)
  expect(fit('Annette Lee', '"lee ann"')).toBe(0)
})

test('the best come first, the recent of equals before the others', () => {
  const chats = ['Joanna', 'Lee Ann', 'Ann Lee', 'Anna', 'Bob'].map((name) => aChat(`1:${name}`, { name }))
  const names = (sought: string, most = 9): string[] => bestChats(chats, sought, (c) => c.name, most).map((c) => c.name)
  expect(names('ann')).toEqual(['Ann Lee', 'Anna', 'Lee Ann', 'Joanna'])
  expect(names('ann', 2)).toEqual(['Ann Lee', 'Anna'])
  expect(names(' ', 2)).toEqual(['Joanna', 'Lee Ann'])
})

const cut = (text: string, marks: [number, number][]): string => pieces({ text, marks }).map((p) => (p.found ? `[${p.text}]` : p.text)).join('')

test.each([
  ['see you at noon', [[4, 7]], 'see [you] at noon'],
  ['周末讨论', [[2, 4]], '周末[讨论]'],
  ['😀 ok', [[3, 5]], '😀 [ok]'],
  ['ab', [[0, 2]], '[ab]'],
  ['none', [], 'none'],
  ['later first', [[6, 11], [0, 5]], '[later] [first]'],
  ['overlap', [[0, 4], [2, 7]], '[over][lap]'],
  ['outside', [[5, 99], [200, 300]], 'outsi[de]'],
] as [string, [number, number][], string][])('%s', (text, marks, want) => {
  expect(cut(text, marks)).toBe(want)
})

test('an excerpt is shown without the marks of its formatting', () => {
  expect(readable({ text: 'a **bold word** and `code`', marks: [[9, 13], [21, 25]] })).toEqual({ text: 'a bold word and code', marks: [[7, 11], [16, 20]] })
  expect(readable({ text: 'snake_case_name', marks: [[6, 10]] })).toEqual({ text: 'snake_case_name', marks: [[6, 10]] })
})
