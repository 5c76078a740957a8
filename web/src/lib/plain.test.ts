import { expect, it } from 'vitest'
import { fileName, plain } from './plain'

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

// The upload of a file with a control character in its name was refused as a damaged form.
it.each([
  ['x\u0007y.txt', 'xy.txt'],
  ['a\r\nb\u0000\u007f\u0085.pdf', 'ab.pdf'],
  ['\u0007', 'file'],
  [' report.txt ', 'report.txt'],
])('the file name %j is sent as %j', (name, want) => {
  expect(fileName(name)).toBe(want)
})
