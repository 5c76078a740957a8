import { expect, it } from 'vitest'
import { bytesApart } from './bytes'

// A file that is too large by a little was "210 MB is too large; at most 210 MB".
it.each([
  [300e6, 210e6, ['300 MB', '210 MB']],
  [210_400_000, 210e6, ['210.4 MB', '210 MB']],
  [210_000_001, 210e6, ['210.000001 MB', '210 MB']],
  [1_000_000_001, 1e9, ['1.000000001 GB', '1 GB']],
  [11, 10, ['11 bytes', '10 bytes']],
])('%d and %d', (size, most, want) => {
  expect(bytesApart(size, most, 'en')).toEqual(want)
})
