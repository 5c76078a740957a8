// Whether people are online, and what they say about themselves.
import type { Availability, AvailabilityList } from '@/wire/wire.gen'
import type { State } from './store'

/** What is told of some accounts; `all`: nothing is known of others. */
export function putAvailability(state: State, { users }: AvailabilityList, now: number, all = false): State {
  const availability = all ? {} : { ...state.availability }
  for (const user of users) availability[user.id] = user
  return afterStatuses({ ...state, availability }, now)
}

/** Without a connection nobody knows who is online. */
export const withoutAvailability = (state: State): State => (Object.keys(state.availability).length === 0 ? state : { ...state, availability: {} })

/** Removes what people no longer say. */
export function afterStatuses(state: State, now: number): State {
  let { availability } = state
  for (const a of Object.values(availability)) {
    if (endOf(a) > now) continue
    const { status: _, ...rest } = a
    availability = { ...availability, [a.id]: rest }
  }
  return availability === state.availability ? state : { ...state, availability }
}

/** When the first of them ends, Unix milliseconds; Infinity: none does. */
export const endOfStatuses = ({ availability }: State): number => Math.min(...Object.values(availability).map(endOf))

const endOf = ({ status }: Availability): number => status?.until ?? Infinity

/** The mark at a picture; null: there is none. */
export function markOf(a: Availability | undefined): 'online' | 'away' | 'quiet' | null {
  if (a?.state !== 'online' && a?.state !== 'away') return null
  return a.status?.quiet ? 'quiet' : a.state
}
