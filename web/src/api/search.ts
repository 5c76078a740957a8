import type { ClientApi, SearchExcerpt, SearchFile, SearchHit, SearchSections } from '@/wire/api.gen'
import { request } from './http'

/** A piece of a text; marks are beginnings and ends of what was found, in UTF-16 units. */
export type Excerpt = SearchExcerpt

export type MessageHit = SearchHit

export type FileHit = SearchFile

/** A page of each kind; partial: the server gave up before it had looked through everything. */
export type Hits = Required<SearchSections>

export type SearchKind = keyof Hits

/** `chat` needs `type`. Times are Unix milliseconds; until is not included. */
export type SearchQuery = Omit<ClientApi['GET /api/search']['query'], 'in'>

/** What messages and files can be limited to. */
export type SearchFilters = Pick<SearchQuery, 'type' | 'chat' | 'from' | 'since' | 'until' | 'kind' | 'link'>

/** A page of hits of one kind, newest or best first. */
export function search<K extends SearchKind>(kind: K, query: SearchQuery, signal?: AbortSignal): Promise<Hits[K]> {
  return request('GET', '/api/search', { query: { ...query, in: kind }, signal })
}

/** The first few hits of every kind that is asked for. */
export function searchAll<K extends SearchKind>(kinds: readonly K[], query: SearchQuery, signal?: AbortSignal): Promise<Pick<Hits, K>> {
  return request('GET', '/api/search', { query: { ...query, in: kinds }, signal })
}
