import { describe, expect, it } from 'vitest'
import { emptied, replaces, toSend, unsentIn, type Mark } from './draft'

const here: Mark = { at: 1000, sent: true }
const written: Mark = { at: 900, sent: false }

describe('the newest draft wins', () => {
  it('of those that the server has, by its clock', () => {
    expect(replaces(undefined, 5)).toBe(true)
    expect(replaces(here, 1001)).toBe(true)
    // A list that was read before a push, and arrives after it.
    expect(replaces(here, 999)).toBe(false)
  })

  it('and the server decides about one that it does not have yet, because the clocks may differ', () => {
    expect(replaces(written, 5000)).toBe(false)
    expect(toSend(new Map([['1:a', here], ['1:b', written]]))).toEqual(['1:b'])
  })

  it('and one that was emptied elsewhere goes, unless something was written meanwhile', () => {
    const before = new Map([['1:a', here], ['1:b', written], ['1:c', here], ['1:d', here]])
    const now = new Map(before).set('1:d', { at: 2000, sent: false })
    expect(emptied(before, now, new Set(['1:c']))).toEqual(['1:a'])
  })
})

it('the text of a message that is being edited is not a draft', () => {
  expect(unsentIn({ text: 'half a sen', quote: null })).toEqual({ text: 'half a sen', quote: null })
  const editing = { id: '7', former: 'Hallo', text: 'half a sen', quote: null, calls: [] }
  expect(unsentIn({ text: 'Hello', quote: null, editing })).toMatchObject({ text: 'half a sen', quote: null })
})
