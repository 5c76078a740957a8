// Addresses in what other people send: which may be opened as a link, and which loaded as a picture, sound or film.
import { create } from 'zustand'
import { serverAddress, withoutBase } from './base'

// Browsers drop or rewrite these, so that an address leads elsewhere than it says.
const misread = /[\\\s\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u

/**
 * Whether an address leads to the web or to a path of this server, as the server's rule has it. The server refuses the
 * others; this is for addresses that it stored before.
 */
export function isSafeAddress(address: string): boolean {
  if (misread.test(address)) return false
  if (address.startsWith('/')) return isPlainPath(address.replace(/[?#].*/, ''))
  if (!/^https?:\/\//i.test(address)) return false
  try {
    const { username, password } = new URL(address)
    return !username && !password
  } catch {
    return false
  }
}

// Browsers resolve dots, encoded ones too: they read /.//host as //host. Some proxies decode slashes.
function isPlainPath(path: string): boolean {
  try {
    const parts = path.slice(1).split('/').map(decodeURIComponent)
    return parts.every((part, i) => !/^\.{1,2}$|[/\\\p{Cc}]/u.test(part) && (part !== '' || i === parts.length - 1))
  } catch {
    return false
  }
}

/**
 * The address that a link may lead to: of the web, or within the client itself; null for everything else.
 */
export function linkTo(address: string, here: string = location.origin): { href: string; inside: boolean } | null {
  if (!isSafeAddress(address)) return null
  const to = new URL(serverAddress(address), here)
  const path = to.origin === here ? withoutBase(to.pathname) : null
  return path === null ? { href: to.href, inside: false } : { href: path + to.search + to.hash, inside: true }
}

// Other origins of pictures in the configuration of the server. Empty until the configuration is loaded.
const useOrigins = create<{ origins: readonly string[]; attempt: number }>(() => ({ origins: [], attempt: 0 }))

export const allowMediaFrom = (origins: readonly string[]): void => useOrigins.setState({ origins })

/** Pictures that could not be loaded are loaded again. */
export const loadMediaAgain = (): void => useOrigins.setState(({ attempt }) => ({ attempt: attempt + 1 }))

/** Another number each time that pictures which could not be loaded may be loaded again. */
export const useMediaAttempt = (): number => useOrigins((s) => s.attempt)

/**
 * The address of a picture, sound or film that may be loaded; null: loading it would tell another site who looks at
 * it and when.
 */
export function mediaAddress(address: string, origins = useOrigins.getState().origins, here: string = location.origin): string | null {
  if (address.startsWith(`blob:${here}/`)) return address
  if (!isSafeAddress(address)) return null
  const own = serverAddress(address)
  const to = new URL(own, here)
  return to.origin === here || origins.some((origin) => covers(origin, to)) ? own : null
}

/** As mediaAddress; renders again when the server has said which origins are allowed. */
export function useMediaAddress(address: string | undefined): string | undefined {
  const origins = useOrigins((s) => s.origins)
  return address ? (mediaAddress(address, origins) ?? undefined) : undefined
}

// An origin is exact, has a * for the first part of its host, or is a * for all: as in a Content-Security-Policy.
function covers(origin: string, to: URL): boolean {
  if (origin === '*') return true
  const { protocol, hostname, port } = new URL(origin.replace('//*.', '//'))
  if (protocol !== to.protocol || port !== to.port) return false
  return origin.includes('//*.') ? to.hostname.endsWith(`.${hostname}`) : to.hostname === hostname
}
