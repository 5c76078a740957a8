/** The address that a notification may lead to: of the web, or of the client itself; null for everything else. */
export function safeAddress(url: string, here: string = location.origin): { href: string; inside: boolean } | null {
  if (!url) return null
  try {
    const to = new URL(url, here)
    if (to.protocol !== 'http:' && to.protocol !== 'https:') return null
    const inside = to.origin === here
    return { href: inside ? to.pathname + to.search + to.hash : to.href, inside }
  } catch {
    return null
  }
}
