import { useLayoutEffect, useState } from 'react'
import { clearFragment } from '@/signin/fragment'
import { base } from './base'

/**
 * The secret of a link, behind its `#`. Browsers do not send this part to the server. The secret is removed from the address
 * and kept for this tab, so that it survives a reload or a sign-in at a provider.
 */
export function useHandedSecret(page: string): string {
  const [secret] = useState(() => {
    const storedUnder = `parley.${page}${base}`
    const given = decodeURIComponent(location.hash.slice(1))
    // A refused sign-in at a provider comes back with an error in place of the secret.
    if (given && !given.startsWith('error=')) sessionStorage.setItem(storedUnder, given)
    return sessionStorage.getItem(storedUnder) ?? ''
  })
  // After the rendering: React may begin the first rendering again, and each one reads the address.
  useLayoutEffect(clearFragment, [])
  return secret
}

/** Forgets the secret when it has been used. */
export const forgetHandedSecret = (page: string): void => sessionStorage.removeItem(`parley.${page}${base}`)
