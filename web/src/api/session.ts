import type { Session } from '@/wire/api.gen'
import { request } from './http'
import type { Page } from './page'

/** A place where the account is signed in. Moments are Unix milliseconds. */
export type SignInPlace = Session

/** Newest first. */
export const listSessions = (signal?: AbortSignal): Promise<Page<SignInPlace>> => request<'GET /api/sessions'>('GET', '/api/sessions', { signal })

export const endSession = (id: string): Promise<void> => request<'DELETE /api/sessions/{session}'>('DELETE', `/api/sessions/${encodeURIComponent(id)}`)

/** Ends all log-ins of the account but this one, JWTs and unused sign-in codes too. */
export const endOtherSessions = (): Promise<void> => request<'DELETE /api/sessions'>('DELETE', '/api/sessions')
