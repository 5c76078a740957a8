import type { ChatType, Person } from '@/state/model'
import { request } from './http'
import type { Page } from './page'

/** A piece of a text; marks are beginnings and ends of what was found, in UTF-16 units. */
export interface Excerpt {
  text: string
  marks: [begin: number, end: number][]
}

export interface MessageHit {
  id: string
  chat: { type: ChatType; value: string; name: string; logo: string }
  from: { id: string; name: string; avatar: string }
  /** Unix milliseconds. */
  at: number
  excerpt: Excerpt
  /** Number of the kind, as on the wire: 1 text … 7 video. */
  msgType: number
}

export interface FileHit extends MessageHit {
  file: { name: string; size: number; ft: string; key?: string; url?: string }
}

interface GroupHit {
  id: string
  name: string
  avatar: string
  /** How many. */
  members: number
}

/** A page of what was found; partial: the server gave up before it had looked through everything. */
interface Found<T> extends Page<T> {
  partial?: boolean
}

export interface Hits {
  messages: Found<MessageHit>
  files: Found<FileHit>
  people: Found<Person>
  groups: Found<GroupHit>
}

export type SearchKind = keyof Hits

export interface SearchQuery {
  query: string
  /** Only in this chat: its type, and its id as `chat`. */
  type?: ChatType
  chat?: string
  from?: string
  /** Unix milliseconds; until is not included. */
  since?: number
  until?: number
  next?: string
  limit?: number
}

/** A page of hits of one kind, newest or best first. */
export function search<K extends SearchKind>(kind: K, query: SearchQuery, signal?: AbortSignal): Promise<Hits[K]> {
  return request('GET', '/api/search', { query: { ...query, in: kind }, signal })
}

/** The first few hits of every kind that is asked for. */
export function searchAll<K extends SearchKind>(kinds: readonly K[], query: SearchQuery, signal?: AbortSignal): Promise<Pick<Hits, K>> {
  return request('GET', '/api/search', { query: { ...query, in: kinds }, signal })
}
