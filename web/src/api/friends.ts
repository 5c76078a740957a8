import type { FriendRequest } from '@/wire/api.gen'
import { request } from './http'
import type { Page } from './page'

export type { FriendRequest }

const at = <Rest extends string = ''>(id: string, rest = '' as Rest) => `/api/friend-requests/${encodeURIComponent(id)}${rest}` as const

/** The newest, those that others made and the caller's own. */
export const listRequests = (signal?: AbortSignal): Promise<Page<FriendRequest>> =>
  request<'GET /api/friend-requests'>('GET', '/api/friend-requests', { query: { limit: 100 }, signal })

/** Asks a person known by id, or whoever has exactly this e-mail address. */
export const askFriend = (whom: { to: string } | { email: string }, message: string): Promise<FriendRequest> =>
  request<'POST /api/friend-requests'>('POST', '/api/friend-requests', { body: { ...whom, message } })

export const acceptRequest = (id: string): Promise<FriendRequest> => request<'POST /api/friend-requests/{request}/accept'>('POST', at(id, '/accept'))

export const declineRequest = (id: string): Promise<FriendRequest> => request<'POST /api/friend-requests/{request}/decline'>('POST', at(id, '/decline'))

export const takeRequestBack = (id: string): Promise<void> => request<'DELETE /api/friend-requests/{request}'>('DELETE', at(id))

export const removeFriend = (id: string): Promise<void> => request<'DELETE /api/friends/{person}'>('DELETE', `/api/friends/${encodeURIComponent(id)}`)
