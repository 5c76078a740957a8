import { expect, test } from 'vitest'
import { safeAddress } from './address'

const here = 'https://chat.example'

test.each([
  ['https://tasks.example/7', { href: 'https://tasks.example/7', inside: false }],
  ['https://chat.example/people/7?x=1', { href: '/people/7?x=1', inside: true }],
  ['/people/7', { href: '/people/7', inside: true }],
  ['//tasks.example/7', { href: 'https://tasks.example/7', inside: false }],
  ['', null],
  ['javascript:alert(1)', null],
  ['JaVaScRiPt:alert(1)', null],
  ['data:text/html,x', null],
  ['http://', null],
])('%s', (url, want) => {
  expect(safeAddress(url, here)).toEqual(want)
})
