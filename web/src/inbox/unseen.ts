import type { Notification } from '@/state/model'

/** What has been read: everything up to and with `upTo`. */
interface Read {
  upTo: string
  /** How many of those were counted as unread, and how many newer ones still are. Weak notifications do not count. */
  read: number
  left: number
}

/**
 * What has been read of an inbox when the notifications in `seen` have been on the screen; null: nothing. The server
 * keeps the newest notifications unread, so one is read when everything older is read, too. `items` are newest first;
 * `whole`: no older ones are left to load.
 */
export function readBySeeing(items: readonly Notification[], seen: ReadonlySet<string>, whole: boolean): Read | null {
  if (!whole && items.at(-1)?.unread) return null
  const unread = items.filter((n) => n.unread)
  const from = unread.findLastIndex((n) => !seen.has(n.id)) + 1
  const newest = unread[from]
  return newest ? { upTo: newest.id, read: count(unread.slice(from)), left: count(unread.slice(0, from)) } : null
}

const count = (items: readonly Notification[]): number => items.filter((n) => !n.weak).length
