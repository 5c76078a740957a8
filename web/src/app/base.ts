// The path of the client: the root of a host, or a path below it (public-url of the server).

/** The path below which everything of this server is, without a slash at the end; empty at the root. */
export const base = import.meta.env.PROD ? new URL(/* @vite-ignore */ '..', import.meta.url).pathname.slice(0, -1) : ''

/** The path as the browser knows it, of a path within the client or of its API. */
export const withBase = (path: string): string => base + path

/** The path within the client of one that the browser knows; null: it is outside. */
export function withoutBase(path: string): string | null {
  if (path === base) return '/'
  return path.startsWith(`${base}/`) ? path.slice(base.length) : null
}

/** An address that somebody gave, as a browser takes it: one that begins with a slash is a path on this server. */
export const serverAddress = (address: string): string => (/^\/(?![/\\])/.test(address) ? withBase(address) : address)
