import type { Proof, SecondStep, Ticketed, TwoFactorSecret, TwoFactorState } from '@/wire/api.gen'
import { request } from './http'
import type { SignIn } from './signin'

export type { Proof, SecondStep, TwoFactorSecret, TwoFactorState }

export const getTwoFactor = (signal?: AbortSignal): Promise<TwoFactorState> => request<'GET /api/me/two-factor'>('GET', '/api/me/two-factor', { signal })

/** Requests a secret for an app. Nothing changes until a code of the app confirms it. */
export const beginTwoFactor = (proof: Proof): Promise<TwoFactorSecret> =>
  request<'POST /api/me/two-factor/begin'>('POST', '/api/me/two-factor/begin', { body: proof })

/** Turns two-factor on, or replaces the app. Returns the recovery codes. */
export const confirmTwoFactor = async (code: string): Promise<string[]> =>
  (await request<'POST /api/me/two-factor/confirm'>('POST', '/api/me/two-factor/confirm', { body: { code } })).codes

export const turnOffTwoFactor = (proof: Proof): Promise<void> => request<'POST /api/me/two-factor/off'>('POST', '/api/me/two-factor/off', { body: proof })

export const makeRecoveryCodes = async (proof: Proof): Promise<string[]> =>
  (await request<'POST /api/me/two-factor/recovery-codes'>('POST', '/api/me/two-factor/recovery-codes', { body: proof })).codes

/** Completes a sign-in that needs a code. */
export const signInWithTwoFactor = (ticket: string, code: string): Promise<SignIn> =>
  request<'POST /api/sign-in/two-factor'>('POST', '/api/sign-in/two-factor', { body: { ticket, code }, anonymous: true })

export const beginTwoFactorAtSignIn = (ticket: string): Promise<TwoFactorSecret> =>
  request<'POST /api/sign-in/two-factor/begin'>('POST', '/api/sign-in/two-factor/begin', { body: { ticket }, anonymous: true })

export const confirmTwoFactorAtSignIn = (ticket: string, code: string): Promise<Ticketed> =>
  request<'POST /api/sign-in/two-factor/confirm'>('POST', '/api/sign-in/two-factor/confirm', { body: { ticket, code }, anonymous: true })
