import { expect, test } from 'vitest'
import { daysWrong, filterQuery, isFiltered, readFilters, sectionsOf, writeFilters, type Filters } from './filters'

const all: Filters = {
  from: { id: 'a=1&b', name: 'Ann & Bob' },
  chat: { id: '2:g 1', name: '产品讨论' },
  since: '2026-11-01',
  until: '2026-11-30',
  kind: 'voice',
  link: true,
}

test.each<[string, Filters]>([
  ['all', all],
  ['none', {}],
  ['a person', { from: all.from }],
  ['a link', { link: true }],
])('the address keeps %s', (_, filters) => {
  const kept = readFilters(new URLSearchParams(new URLSearchParams(writeFilters(filters)).toString()))
  expect(JSON.parse(JSON.stringify(kept))).toEqual(JSON.parse(JSON.stringify(filters)))
  expect(isFiltered(kept)).toBe(Object.keys(filters).length > 0)
})

test('an address with nonsense has no filters', () => {
  expect(isFiltered(readFilters(new URLSearchParams('chat=3:task&since=soon&until=2026-1-1&kind=drawing&link=maybe&fromName=Ann')))).toBe(false)
})

test('days are whole days of the reader', () => {
  const { since, until, ...rest } = filterQuery(all)
  expect(rest).toEqual({ from: 'a=1&b', type: 2, chat: 'g 1', kind: ['voice'], link: true })
  expect(since).toBe(new Date(2026, 10, 1).getTime())
  expect(until).toBe(new Date(2026, 11, 1).getTime())
  expect(filterQuery({ since: '0002-01-01', until: '' })).toEqual({})
  expect(filterQuery({ until: '9999-12-31' }).until).toBeLessThanOrEqual(253_402_300_799_999)
  expect(daysWrong(all)).toBe(false)
  expect(daysWrong({ since: '2026-12-01', until: '2026-11-30' })).toBe(true)
  expect(daysWrong({ since: '2026-12-01' })).toBe(false)
})

test.each<[Parameters<typeof sectionsOf>[0], Filters, string, string]>([
  ['all', {}, 'x', 'people groups messages files'],
  ['all', { link: true }, 'x', 'messages files'],
  ['all', { link: true }, '', 'messages'],
  ['all', { kind: 'image' }, '', 'files'],
  ['all', { kind: 'voice' }, 'x', 'messages'],
  ['messages', { kind: 'video' }, 'x', 'files'],
  ['messages', { from: all.from }, 'x', 'messages'],
  ['files', {}, 'x', 'files'],
  ['people', { link: true }, 'x', 'people'],
])('on %s with %j, “%s” shows %s', (tab, filters, text, want) => {
  expect(sectionsOf(tab, filters, text).join(' ')).toBe(want)
})
