import type { ClientApi, DirectoryAnswer, DirectorySection, Profile } from '@/wire/api.gen'
import { request } from './http'

export type { Profile }

/** Whom of the directory to list. */
export type DirectoryFilter = Pick<ClientApi['GET /api/people']['query'], 'query' | 'organization' | 'friends'>

/** How many names there are under an initial, in the order of the list. */
export type Section = DirectorySection

export function listPeople(
  filter: DirectoryFilter,
  stretch: { offset: number; limit: number },
  signal?: AbortSignal,
): Promise<DirectoryAnswer> {
  return request<'GET /api/people'>('GET', '/api/people', { query: { ...filter, ...stretch }, signal })
}

export const getPerson = (id: string, signal?: AbortSignal): Promise<Profile> =>
  request<'GET /api/people/{person}'>('GET', `/api/people/${encodeURIComponent(id)}`, { signal })
