import type { Person } from '@/state/model'
import { request } from './http'
import type { Page } from './page'

export interface FriendRequest {
  id: string
  from: Person
  to: Person
  message: string
  at: number
  state: 'pending' | 'accepted' | 'declined' | 'withdrawn'
}

const at = (id: string, rest = ''): string => `/api/friend-requests/${encodeURIComponent(id)}${rest}`

export const listRequests = (signal?: AbortSignal): Promise<Page<FriendRequest>> => request('GET', '/api/friend-requests', { signal })

/** Asks a person known by id, or whoever has exactly this e-mail address. */
export const askFriend = (whom: { to: string } | { email: string }, message: string): Promise<FriendRequest> =>
  request('POST', '/api/friend-requests', { body: { ...whom, message } })

export const acceptRequest = (id: string): Promise<void> => request('POST', at(id, '/accept'))

export const declineRequest = (id: string): Promise<void> => request('POST', at(id, '/decline'))

export const takeRequestBack = (id: string): Promise<void> => request('DELETE', at(id))

export const removeFriend = (id: string): Promise<void> => request('DELETE', `/api/friends/${encodeURIComponent(id)}`)
