import { describe, expect, it } from 'vitest'
import { applyPush } from './apply'
import { afterStatuses, endOfStatuses, markOf, putAvailability, withoutAvailability } from './availability'
import { signedIn } from './fixture'

const ann = { id: 'ann', state: 'online', status: { emoji: '🌴', text: 'On holiday', until: 5000 } }
const bob = { id: 'bob', state: 'offline', seen: 'day', status: { quiet: true } }

describe('availability', () => {
  it('is what was told last of each', () => {
    let s = putAvailability(signedIn, { users: [ann, bob] }, 0, true)
    s = applyPush(s, 'availability', { users: [{ id: 'bob', state: 'away' }] }, 0)
    expect(s.availability).toEqual({ ann, bob: { id: 'bob', state: 'away' } })
    expect(putAvailability(s, { users: [bob] }, 0, true).availability).toEqual({ bob })
    expect(withoutAvailability(s).availability).toEqual({})
    expect(withoutAvailability(signedIn)).toBe(signedIn)
  })

  it('ends with the time of a status', () => {
    const s = putAvailability(signedIn, { users: [ann, bob] }, 0)
    expect(endOfStatuses(s)).toBe(5000)
    expect(afterStatuses(s, 4999)).toBe(s)
    const after = afterStatuses(s, 5000)
    expect(after.availability).toEqual({ ann: { id: 'ann', state: 'online' }, bob })
    expect(endOfStatuses(after)).toBe(Infinity)
    expect(putAvailability(signedIn, { users: [ann] }, 6000).availability).toEqual({ ann: { id: 'ann', state: 'online' } })
  })

  it('has a mark while somebody is connected', () => {
    expect([undefined, ann, bob, { id: 'c' }, { ...bob, state: 'away' }, { id: 'd', state: 'away' }].map(markOf)).toEqual([null, 'online', null, null, 'quiet', 'away'])
  })
})
