import type { Person } from '@/state/model'
import { request } from './http'
import type { Page } from './page'

export interface FriendRequest {
  id: string
  from: Person
  to: Person
  message: string
  at: number
  state: 'waiting' | 'accepted' | 'declined'
}

const at = (id: string, rest = ''): string => `/api/friend-requests/${encodeURIComponent(id)}${rest}`

/** The newest, those that others made and the caller's own. */
export const listRequests = (signal?: AbortSignal): Promise<Page<FriendRequest>> =>
  request('GET', '/api/friend-requests', { query: { limit: 100 }, signal })

/** Asks a person known by id, or whoever has exactly this e-mail address. */
export const askFriend = (whom: { to: string } | { email: string }, message: string): Promise<FriendRequest> =>
  request('POST', '/api/friend-requests', { body: { ...whom, message } })

export const acceptRequest = (id: string): Promise<FriendRequest> => request('POST', at(id, '/accept'))

export const declineRequest = (id: string): Promise<FriendRequest> => request('POST', at(id, '/decline'))

export const takeRequestBack = (id: string): Promise<void> => request('DELETE', at(id))

export const removeFriend = (id: string): Promise<void> => request('DELETE', `/api/friends/${encodeURIComponent(id)}`)
