import { expect, it } from 'vitest'
import { withoutBlankEnds } from './send'

// The first line lost its indentation, so that pasted code stood crooked.
it.each([
  ['  if (x) {\n    y()\n  }', '  if (x) {\n    y()\n  }'],
  ['\n \t\n\tx\n\n', '\tx'],
  ['\n\nhello \n \n', 'hello'],
  ['　　中文', '　　中文'],
  [' \n ', ''],
])('%j', (text, want) => {
  expect(withoutBlankEnds(text)).toBe(want)
})
