// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { titleOf } from './pageTitle'

// The title counted what is unread and never said which chat the tab shows.
test.each([
  [0, '', 'parley'],
  [0, 'Demo Two', 'Demo Two – parley'],
  [3, 'Demo Two', '(3) Demo Two – parley'],
  [3, '', '(3) parley'],
  [1000, '产品群', '(999+) 产品群 – parley'],
])('%i unread in %s', (unread, shown, want) => {
  expect(titleOf(unread, shown)).toBe(want)
})
