import { serverAddress, withoutBase } from '@/app/base'

/**
 * The address that a notification may lead to: of the web, or within the client itself; null for everything else.
 */
export function safeAddress(url: string, here: string = location.origin): { href: string; inside: boolean } | null {
  if (!url) return null
  try {
    const to = new URL(serverAddress(url), here)
    if (to.protocol !== 'http:' && to.protocol !== 'https:') return null
    const path = to.origin === here ? withoutBase(to.pathname) : null
    return path === null ? { href: to.href, inside: false } : { href: path + to.search + to.hash, inside: true }
  } catch {
    return null
  }
}
