import { withBase } from '@/app/base'
import type { SignedInBody } from '@/wire/api.gen'
import { request } from './http'

/** A sign-in that has succeeded. */
export type SignIn = SignedInBody

/** A code is good once, and not for long. `device` is how the list of sessions calls this one. */
export const signInWithCode = (code: string, device?: string): Promise<SignIn> =>
  request<'POST /api/sign-in/code'>('POST', '/api/sign-in/code', { body: { code, device }, anonymous: true })

export const signInWithPassword = (email: string, password: string, device?: string): Promise<SignIn> =>
  request<'POST /api/sign-in/password'>('POST', '/api/sign-in/password', { body: { email, password, device }, anonymous: true })

/** Sends a sign-in link by mail. The answer does not tell whether somebody has the address. */
export const mailSignInLink = (email: string): Promise<void> =>
  request<'POST /api/sign-in/link'>('POST', '/api/sign-in/link', { body: { email }, anonymous: true })

/** Where the browser has to go for a sign-in by a provider; it comes back to /sign-in with a code. */
export const providerAddress = (provider: string): string => withBase(`/api/sign-in/oidc/${encodeURIComponent(provider)}`)

/** Ends the caller's own session. */
export const signOut = (signal?: AbortSignal): Promise<void> => request<'POST /api/sign-out'>('POST', '/api/sign-out', { signal })

/**
 * Ends the session of a token that the page no longer uses. Reports whether the server has decided: it does not have to
 * be asked again. The request outlives the page.
 */
export async function endSessionOf(token: string, app: string): Promise<boolean> {
  const headers = { Authorization: `Bearer ${token}`, App: app }
  const { status } = await fetch(withBase('/api/sign-out'), { method: 'POST', headers, credentials: 'omit', cache: 'no-store', keepalive: true })
  return status < 500 && status !== 429
}
