import { expect, test } from 'vitest'
import { headingAbove, layOut, pagesOf } from './layout'

const layout = layOut([
  { initial: 'A', count: 2 },
  { initial: 'B', count: 0 },
  { initial: 'Z', count: 1 },
  { initial: '#', count: 1 },
])

test('every section has a heading above its people', () => {
  expect(layout.lines).toEqual([{ initial: 'A' }, { offset: 0 }, { offset: 1 }, { initial: 'Z' }, { offset: 2 }, { initial: '#' }, { offset: 3 }])
  expect([...layout.headings]).toEqual([
    ['A', 0],
    ['Z', 3],
    ['#', 5],
  ])
  expect(layout.people).toBe(4)
})

test('an empty directory has no lines', () => {
  expect(layOut([]).lines).toEqual([])
})

test('recent people stand in no section', () => {
  const { lines, people } = layOut([{ initial: 'A', count: 1 }, { initial: 'B', count: 2 }], 2, new Set([0, 2]))
  expect(lines).toEqual([{ initial: 'recent' }, { recent: 0 }, { recent: 1 }, { initial: 'B' }, { offset: 1 }])
  expect(people).toBe(3)
})

test('recent people stand above the sections and shift no offset', () => {
  const { lines, headings } = layOut([{ initial: 'A', count: 1 }], 2)
  expect(lines).toEqual([{ initial: 'recent' }, { recent: 0 }, { recent: 1 }, { initial: 'A' }, { offset: 0 }])
  expect([...headings]).toEqual([['A', 3]])
})

test('only the pages in sight are asked for, each once', () => {
  expect(pagesOf(layout.lines, [0, 1, 2, 3, 4], 2)).toEqual([0, 1])
  expect(pagesOf(layout.lines, [0, 3], 2)).toEqual([])
  expect(pagesOf(layout.lines, [99], 2)).toEqual([])
})

test('the heading above a line', () => {
  expect(headingAbove(layout, 2)).toBe('A')
  expect(headingAbove(layout, 3)).toBe('Z')
  expect(headingAbove(layout, 99)).toBe('#')
})
