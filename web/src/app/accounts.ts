// The accounts that are signed in with this browser, and which of them this tab shows.
//
// Tokens are in localStorage, so that a new tab is signed in; which account a tab shows is in its sessionStorage, so
// that two people can sit side by side in two tabs. A new tab takes the account that was used last.
import { base } from './base'
import type { Person } from '@/state/model'

export interface SignedIn {
  account: Pick<Person, 'id' | 'name' | 'avatar'>
  token: string
  sessionId: string
  /** Unix milliseconds; 0: until it is revoked. */
  expiresAt: number
  /** When a tab last began to show it, Unix milliseconds. */
  usedAt: number
}

// Another server below another path of this host has accounts of its own.
const storedUnder = `parley.sessions${base}`
const tabUnder = `parley.account${base}`

/** Every account that is signed in, the one used last first. What has expired is left out. */
export function signedIn(): SignedIn[] {
  return read()
    .filter((s) => s.expiresAt === 0 || s.expiresAt > Date.now())
    .toSorted((a, b) => b.usedAt - a.usedAt)
}

/** The one that this tab shows; null: nobody, and the tab has to sign in. */
export function tabAccount(): SignedIn | null {
  const all = signedIn()
  const chosen = tabChoice()
  // A tab that has signed out stays signed out, whoever else is signed in.
  if (chosen !== null) return all.find((s) => s.account.id === chosen) ?? null
  return all[0] ?? null
}

/** Keeps the sign-in and shows its account in this tab. */
export function keepSignIn(session: Omit<SignedIn, 'usedAt'>): void {
  write([...read().filter((s) => s.account.id !== session.account.id), { ...session, usedAt: Date.now() }])
  choose(session.account.id)
}

/** Shows the account in this tab from the next load of the page on. */
export function showAccount(id: string): void {
  write(read().map((s) => (s.account.id === id ? { ...s, usedAt: Date.now() } : s)))
  choose(id)
}

/** Keeps name and picture as the switcher shows them. */
export function renameAccount(account: SignedIn['account']): void {
  const all = read()
  const known = all.find((s) => s.account.id === account.id)
  if (!known || (known.account.name === account.name && known.account.avatar === account.avatar)) return
  write(all.map((s) => (s === known ? { ...s, account: { id: account.id, name: account.name, avatar: account.avatar } } : s)))
}

/** Forgets the account's token, in every tab; `sessionId` protects a sign-in that has replaced the ended one. */
export function forgetAccount(id: string, sessionId?: string): void {
  write(read().filter((s) => s.account.id !== id || (sessionId !== undefined && s.sessionId !== sessionId)))
}

/** Whether the account is signed in with this browser, expired or not. */
export const isKept = (id: string): boolean => read().some((s) => s.account.id === id)

/** Calls back when another tab has signed somebody in or out; returns the way to stop it. */
export function watchAccounts(changed: () => void): () => void {
  const listen = (e: StorageEvent): void => {
    if (e.key === storedUnder || e.key === null) changed()
  }
  window.addEventListener('storage', listen)
  return () => window.removeEventListener('storage', listen)
}

const tabChoice = (): string | null => sessionStorage.getItem(tabUnder)
const choose = (id: string): void => sessionStorage.setItem(tabUnder, id)

function read(): SignedIn[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storedUnder) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isSignedIn) : []
  } catch {
    return []
  }
}

function write(sessions: SignedIn[]): void {
  localStorage.setItem(storedUnder, JSON.stringify(sessions))
}

function isSignedIn(value: unknown): value is SignedIn {
  const s = value as Partial<SignedIn> | null
  return typeof s?.token === 'string' && typeof s.account?.id === 'string' && typeof s.expiresAt === 'number' && typeof s.usedAt === 'number'
}
