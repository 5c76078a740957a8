import type { Notification } from '@/state/model'

/** Everything up to and with notification `upTo` is read. */
interface Read {
  upTo: string
  /** How many of these counted as unread. Weak notifications do not count. */
  read: number
  /** How many newer ones are still unread, without weak ones. */
  left: number
}

/**
 * Tells how far an inbox is read when the notifications in `seen` have been on the screen; null: nothing is read. The
 * server marks an inbox as read from its oldest notification on, so a notification is read only when all older ones
 * are. `items` are newest first; `whole`: no older ones are left to load.
 */
export function readBySeeing(items: readonly Notification[], seen: ReadonlySet<string>, whole: boolean): Read | null {
  if (!whole && items.at(-1)?.unread) return null
  const unread = items.filter((n) => n.unread)
  const from = unread.findLastIndex((n) => !seen.has(n.id)) + 1
  const newest = unread[from]
  return newest ? { upTo: newest.id, read: count(unread.slice(from)), left: count(unread.slice(0, from)) } : null
}

const count = (items: readonly Notification[]): number => items.filter((n) => !n.weak).length
