import { describe, expect, it } from 'vitest'
import { contains, endOf, layoutOf, newLineOffset, paddingBottom, paddingTop, placeAt, scrollTo, shownAt, sliceAt } from './layout'
import type { Row } from './rows'
import { message } from '@/state/fixture'

const height = 50
const said = (n: number): Row => ({ kind: 'message', key: String(n), message: message(n), head: false, tail: false })
const many = (count: number): Row[] => Array.from({ length: count }, (_, i) => said(i + 1))
const layout = (rows: Row[], windowHeight = 400) => layoutOf(rows, () => height, windowHeight)
const end = 100 * height + paddingTop + paddingBottom - 400

describe('the place that is kept', () => {
  const rows = many(100)

  it('is the end for somebody who is there, and the message at the upper edge elsewhere', () => {
    expect(endOf(layout(rows))).toBe(end)
    expect(placeAt(layout(rows), end, false)).toEqual({ at: 'end' })
    expect(placeAt(layout(rows), end, true)).toMatchObject({ at: 'row' })
    expect(placeAt(layout(rows), paddingTop + 3 * height + 10, false)).toEqual({ at: 'row', anchor: '4', offset: -10 })
  })

  it('is found again when lines have come before it and heights have changed', () => {
    const place = placeAt(layout(rows), paddingTop + 3 * height + 10, false)
    const later = layoutOf([said(201), said(202), ...rows], (row) => (row.key === '1' ? 200 : height), 400)
    expect(scrollTo(place, later)).toBe(paddingTop + 2 * height + 200 + 2 * height + 10)
  })

  it('is a message in the middle of the window, or none once the message is gone', () => {
    expect(scrollTo({ at: 'row', anchor: '50', offset: 'middle' }, layout(rows))).toBe(paddingTop + 49 * height - 175)
    expect(scrollTo({ at: 'row', anchor: '500', offset: 0 }, layout(rows))).toBeNull()
  })

  it('is the line of the new messages, as far as the end allows', () => {
    const withLine = (at: number): Row[] => [...rows.slice(0, at), { kind: 'new', key: 'new' }, ...rows.slice(at)]
    expect(scrollTo({ at: 'new' }, layout(withLine(50)))).toBe(paddingTop + 50 * height - newLineOffset)
    expect(scrollTo({ at: 'new' }, layout(withLine(98)))).toBe(end + height)
    expect(scrollTo({ at: 'new' }, layout(rows))).toBe(end)
  })
})

it('few lines stand at the lower edge', () => {
  const few = layout(many(2))
  expect(few.offsets.at(-1)).toBe(400 - paddingBottom)
  expect(endOf(few)).toBe(0)
})

it('a message is on the screen when its lower edge is', () => {
  expect(shownAt(layout(many(100)), paddingTop)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8'])
  expect(shownAt(layout(many(100)), paddingTop + 10).at(-1)).toBe('8')
  expect(shownAt(layout(many(100)), end).at(-1)).toBe('100')
})

it('the lines around the window are drawn', () => {
  const slice = sliceAt(layout(many(100)), paddingTop + 1000, 100)
  expect(slice).toEqual({ from: 18, to: 31 })
  expect(contains(slice, { from: 20, to: 30 })).toBe(true)
  expect(contains(slice, { from: 17, to: 30 })).toBe(false)
  expect(sliceAt(layout([]), 0, 100)).toEqual({ from: 0, to: 0 })
})
