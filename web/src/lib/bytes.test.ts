import { expect, it } from 'vitest'
import { bytes } from './bytes'

it.each([
  [5_242_880, 'en', '5.2 MB'],
  [5_242_880, 'zh', '5.2 MB'],
  [210_000_001, 'en', '210 MB'],
  [1e9, 'en', '1 GB'],
  [10, 'en', '10 bytes'],
  [0, 'zh', '0 字节'],
  [1e9, 'zh', '1 GB'],
])('%d in %s', (size, language, want) => {
  expect(bytes(size, language)).toBe(want)
})

// "210 MB is too large; at most 210 MB" was said of a file that is one byte too large.
it.each([
  [210_000_000, '210 MB', '210.1 MB'],
  [209_715_200, '209.7 MB', '209.8 MB'],
  [5_300_000, '5.3 MB', '5.4 MB'],
  [999, '999 bytes', '1 kB'],
  [10, '10 bytes', '11 bytes'],
])('a limit of %d is rounded down, what is one byte above it up', (limit, most, got) => {
  expect([bytes(limit, 'en', 'down'), bytes(limit + 1, 'en', 'up')]).toEqual([most, got])
})
