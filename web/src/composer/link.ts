import { isSafeAddress } from '@/app/address'

/** The full web address that somebody typed, https added where no scheme was; null when it is none. */
export function linkOf(typed: string): string | null {
  const text = typed.trim()
  if (!text || /\s/.test(text)) return null
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:/i.test(text) && !/^[^:/]+:\d/.test(text) ? text : `https://${text}`)
    return isSafeAddress(url.href) && url.hostname.includes('.') ? url.href : null
  } catch {
    return null
  }
}
