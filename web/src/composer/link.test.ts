import { expect, it } from 'vitest'
import { linkOf } from './link'

it.each([
  ['example.com/a', 'https://example.com/a'],
  [' http://example.com ', 'http://example.com/'],
  ['example.com:8080/x', 'https://example.com:8080/x'],
  ['javascript:alert(1)', null],
  ['file:///etc/passwd', null],
  ['two words', null],
  ['word', null],
  ['', null],
])('%s', (typed, want) => {
  expect(linkOf(typed)).toBe(want)
})
