import type { EmailChange } from '@/wire/api.gen'
import { request } from './http'

/** Sends a link to the new address. The answer does not tell whether somebody has it. */
export const requestEmailChange = (email: string, current: string): Promise<void> =>
  request<'POST /api/me/email'>('POST', '/api/me/email', { body: { email, current } })

/** What the secret of a link confirms. Changes nothing. */
export const checkEmailChange = (secret: string): Promise<EmailChange> =>
  request<'POST /api/confirm-email/check'>('POST', '/api/confirm-email/check', { body: { secret }, anonymous: true })

/** Gives the account the new address. A link works once. */
export const confirmEmailChange = (secret: string): Promise<void> =>
  request<'POST /api/confirm-email'>('POST', '/api/confirm-email', { body: { secret }, anonymous: true })
