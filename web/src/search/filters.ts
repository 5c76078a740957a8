import type { SearchFilters, SearchKind } from '@/api/search'
import { dayStart } from '@/lib/time'
import { chatRef, type ChatKey } from '@/state/model'

/** The types of messages by which a search can be limited, in the order of the list. */
export const messageTypes = ['text', 'image', 'video', 'file', 'voice', 'card', 'location'] as const
export type MessageType = (typeof messageTypes)[number]

/** What a search for files finds. */
export const fileTypes: readonly MessageType[] = ['image', 'video', 'file']

/** By the number of a message's type. */
export const typeByNumber: Readonly<Record<number, MessageType>> = { 1: 'text', 2: 'image', 3: 'voice', 4: 'file', 5: 'card', 6: 'location', 7: 'video' }

interface Named {
  id: string
  name: string
}

/** What a search for messages and files is limited to. */
export interface Filters {
  from?: Named | undefined
  chat?: (Named & { id: ChatKey }) | undefined
  /** The first and the last day, `2026-11-30`, in the time zone of the reader. */
  since?: string | undefined
  until?: string | undefined
  kind?: MessageType | undefined
  link?: boolean | undefined
}

export const isFiltered = (filters: Filters): boolean => Object.values(filters).some(Boolean)

/** Whether the last day is before the first. */
export const daysWrong = ({ since, until }: Filters): boolean => !!since && !!until && until < since

// The last moment that the server takes.
const lastTime = 253_402_300_799_999

/** A day as it is shown. */
export function dayName(day: string, language: string): string {
  const [y, m, d] = day.split('-').map(Number)
  return new Date(y!, m! - 1, d!).toLocaleDateString(language, { year: 'numeric', month: 'short', day: 'numeric' })
}

/** Midnight at which a day begins, or the day after it. Undefined: there is none, or the year is still being typed. */
function midnight(day: string | undefined, later: number): number | undefined {
  const [y, m, d] = (day ?? '').split('-').map(Number)
  if (!y || !m || !d) return undefined
  const at = Math.min(dayStart(new Date(y, m - 1, d + later).getTime()), lastTime)
  return at > 0 ? at : undefined
}

/** The filters as the server takes them. */
export function filterQuery(filters: Filters): SearchFilters {
  const { from, chat, kind, link } = filters
  const since = midnight(filters.since, 0)
  const until = midnight(filters.until, 1)
  const ref = chat && chatRef(chat.id)
  return {
    ...(from && { from: from.id }),
    ...(ref && { type: ref.type, chat: ref.id }),
    ...(since && { since }),
    ...(until && { until }),
    ...(kind && { kind: [kind] }),
    ...(link && { link }),
  }
}

/**
 * What a search shows on a tab. With a filter, a search of everything shows messages and files. Messages of a type that are
 * files are searched as files, because a search for messages does not look at the names. Without a text, all files are among
 * the messages.
 */
export function sectionsOf(tab: SearchKind | 'all', filters: Filters, text: string): readonly SearchKind[] {
  if (tab !== 'all' && tab !== 'messages') return [tab]
  if (tab === 'all' && !isFiltered(filters)) return ['people', 'groups', 'messages', 'files']
  if (filters.kind && fileTypes.includes(filters.kind)) return ['files']
  return tab === 'all' && text && !filters.kind ? ['messages', 'files'] : ['messages']
}

const isDay = /^\d{4}-\d{2}-\d{2}$/

/** The filters in an address. */
export function readFilters(address: URLSearchParams): Filters {
  const value = (name: string): string => address.get(name) ?? ''
  const day = (name: string): string | undefined => (isDay.test(value(name)) ? value(name) : undefined)
  const named = <Id extends string>(name: string): { id: Id; name: string } | undefined =>
    value(name) ? { id: value(name) as Id, name: value(`${name}Name`) || value(name) } : undefined
  const chat = named<ChatKey>('chat')
  return {
    from: named('from'),
    chat: chat && /^[12]:./.test(chat.id) ? chat : undefined,
    since: day('since'),
    until: day('until'),
    kind: messageTypes.find((type) => type === value('kind')),
    link: value('link') === '1' || undefined,
  }
}

/** The filters as parameters of an address. */
export function writeFilters({ from, chat, since, until, kind, link }: Filters): Record<string, string> {
  return {
    ...(from && { from: from.id, fromName: from.name }),
    ...(chat && { chat: chat.id, chatName: chat.name }),
    ...(since && { since }),
    ...(until && { until }),
    ...(kind && { kind }),
    ...(link && { link: '1' }),
  }
}
