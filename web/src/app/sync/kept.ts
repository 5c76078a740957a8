// Messages that wait to be sent, kept in localStorage by account, so that a reload does not lose them. Files are not kept;
// unfinished uploads end with the page.
import type { ChatKey, Draft } from '@/state/model'

export interface Kept {
  chat: ChatKey
  waitingId: string
  draft: Omit<Draft, 'upload'>
  /** Unix milliseconds. */
  at: number
  /** Why the server refused it. */
  failed?: string
  /** The server has it, and those whom it mentions are to be told yet. */
  sentAs?: string
}

const under = (account: string): string => `parley.outbox.${account}`

export function keptBy(account: string): Kept[] {
  try {
    const all: unknown = JSON.parse(localStorage.getItem(under(account)) ?? '[]')
    return Array.isArray(all) ? (all as Kept[]) : []
  } catch {
    return []
  }
}

/** Other tabs of the account keep theirs in the same place, so it is read before it is written. */
export function keep(account: string, entry: Kept): void {
  write(account, [...keptBy(account).filter((k) => k.waitingId !== entry.waitingId), entry])
}

export function forget(account: string, waitingId: string): void {
  const all = keptBy(account)
  if (all.some((k) => k.waitingId === waitingId)) write(account, all.filter((k) => k.waitingId !== waitingId))
}

/** Removes everything of the account that waits to be sent. */
export function forgetAll(account: string): void {
  write(account, [])
}

function write(account: string, all: Kept[]): void {
  try {
    if (all.length === 0) localStorage.removeItem(under(account))
    else localStorage.setItem(under(account), JSON.stringify(all))
  } catch {
    // No room: then it is lost with the page, as without a place to keep it.
  }
}
