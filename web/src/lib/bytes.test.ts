import { expect, it } from 'vitest'
import { bytes } from './bytes'

// A limit was written with all its digits, as in "5.242881 MB is too large; at most 5.24288 MB".
it.each([
  [5_242_880, 'en', '5.2 MB'],
  [5_242_880, 'zh', '5.2 MB'],
  [210_000_001, 'en', '210 MB'],
  [1e9, 'en', '1 GB'],
  [10, 'en', '10 bytes'],
])('%d in %s', (size, language, want) => {
  expect(bytes(size, language)).toBe(want)
})
