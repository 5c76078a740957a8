import { describe, expect, it } from 'vitest'
import { applyPush } from './apply'
import { signedIn } from './fixture'
import type { State } from './store'
import { afterTyping, endOfTyping } from './typing'

const push = (state: State, id: string, now: number, type = 2, chat = 'team'): State =>
  applyPush(state, 'typing', { type, id: chat, by: { id, name: id.toUpperCase() }, stay: 6000 } as never, now)
const message = (from: string): never =>
  ({ id: '7', from, uname: from.toUpperCase(), logo: '', to: 'me', time: '2026-01-01 00:00:00.000', ts: 7, msg: { con: 'hi' }, type: 1, app: {} }) as never
const who = (state: State): Record<string, string[]> => Object.fromEntries(Object.entries(state.typing).map(([key, all]) => [key, all.map((t) => t.name)]))

describe('typing', () => {
  it('is shown for a time, which begins anew with each push', () => {
    let s = push(push(signedIn, 'ann', 0), 'bob', 1000)
    expect(who(s)).toEqual({ '2:team': ['ANN', 'BOB'] })
    expect(endOfTyping(s)).toBe(6000)
    s = push(s, 'ann', 3000)
    expect(who(s)).toEqual({ '2:team': ['ANN', 'BOB'] })
    expect(endOfTyping(s)).toBe(7000)
    expect(afterTyping(s, 6999)).toBe(s)
    s = afterTyping(s, 7000)
    expect(who(s)).toEqual({ '2:team': ['ANN'] })
    expect(endOfTyping(s)).toBe(9000)
    s = afterTyping(s, 9000)
    expect(s.typing).toEqual({})
    expect(endOfTyping(s)).toBe(Infinity)
  })

  it('ends with a message of the same person in the same chat', () => {
    let s = push(push(signedIn, 'ann', 0, 1, 'ann'), 'ann', 0)
    s = applyPush(s, 'new message', message('bob'), 1)
    expect(who(s)).toEqual({ '1:ann': ['ANN'], '2:team': ['ANN'] })
    s = applyPush(s, 'new message', message('ann'), 1)
    expect(who(s)).toEqual({ '2:team': ['ANN'] })
  })

  it('of oneself is not shown', () => {
    expect(push(signedIn, 'me', 0)).toBe(signedIn)
  })
})
