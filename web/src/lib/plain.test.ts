import { expect, it } from 'vitest'
import { plain } from './plain'

it.each([
  ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
  ['\u2067a\u2069b\u200E', 'ab'],
  ['a\nb\u0000\u2028c', 'abc'],
  ['تقرير.pdf', 'تقرير.pdf'],
  ['👨‍👩‍👧 می‌خواهم', '👨‍👩‍👧 می‌خواهم'],
  ['', ''],
])('%j', (name, want) => {
  expect(plain(name)).toBe(want)
})
