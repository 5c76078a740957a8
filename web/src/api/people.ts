import type { Person } from '@/state/model'
import { request } from './http'
import type { Page } from './page'

/** Whom of the directory to list. */
export interface DirectoryFilter {
  query?: string
  organization?: string
  friends?: boolean
}

/** How many names there are under an initial, in the order of the list. */
export interface Section {
  initial: string
  count: number
}

interface DirectoryPage extends Page<Person> {
  /** Of the whole list; given with its first page. */
  sections?: Section[]
}

export interface Profile extends Person {
  organizations: { id: string; name: string }[]
  groupsInCommon: { id: string; name: string }[]
  /** A friend request that waits for an answer: the caller's, or this person's. */
  request?: 'sent' | 'received'
}

export function listPeople(
  filter: DirectoryFilter,
  stretch: { offset: number; limit: number },
  signal?: AbortSignal,
): Promise<DirectoryPage> {
  return request('GET', '/api/people', { query: { ...filter, ...stretch }, signal })
}

export const getPerson = (id: string, signal?: AbortSignal): Promise<Profile> =>
  request('GET', `/api/people/${encodeURIComponent(id)}`, { signal })
