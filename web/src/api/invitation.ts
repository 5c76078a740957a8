import type { Invitation, IssuedInvitation, NewInvitation, Newcomer, OpenInvitation } from '@/wire/api.gen'
import { request } from './http'
import type { Page } from './page'
import type { SignIn } from './signin'

export type { Invitation, IssuedInvitation, OpenInvitation }

export const listInvitations = (next: string | undefined, signal?: AbortSignal): Promise<Page<Invitation>> =>
  request<'GET /api/invitations'>('GET', '/api/invitations', { query: { next, limit: 20 }, signal })

/** Creates an invitation. Only this answer has the link. */
export const createInvitation = (invitation: NewInvitation): Promise<IssuedInvitation> =>
  request<'POST /api/invitations'>('POST', '/api/invitations', { body: invitation })

export const revokeInvitation = (id: string): Promise<void> =>
  request<'DELETE /api/invitations/{invitation}'>('DELETE', `/api/invitations/${encodeURIComponent(id)}`)

/** Returns the invitation as a person with the link sees it. */
export const openInvitation = (secret: string): Promise<OpenInvitation> =>
  request<'POST /api/invitations/open'>('POST', '/api/invitations/open', { body: { secret }, anonymous: true })

/** Makes an account and signs it in. */
export const acceptInvitation = (newcomer: Newcomer): Promise<SignIn> =>
  request<'POST /api/invitations/accept'>('POST', '/api/invitations/accept', { body: newcomer, anonymous: true })

/** Begins to accept an invitation with a provider. The browser must open the address, and comes back to /sign-in or /invite. */
export const acceptWithProvider = (provider: string, secret: string): Promise<{ address: string }> =>
  request<'POST /api/sign-in/oidc/{provider}'>('POST', `/api/sign-in/oidc/${encodeURIComponent(provider)}`, { body: { secret }, anonymous: true, cookies: true })

/** Adds the signed-in account to the organization and the groups. */
export const joinByInvitation = (secret: string): Promise<OpenInvitation> =>
  request<'POST /api/invitations/join'>('POST', '/api/invitations/join', { body: { secret } })
