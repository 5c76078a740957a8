import { request } from './http'
import type { Page } from './page'

/** A place where the account is signed in. Moments are Unix milliseconds. */
export interface SignInPlace {
  sessionId: string
  /** What the browser or client called itself. */
  device: string
  /** Name of the application it is good with. */
  app: string
  createdAt: number
  lastSeenAt?: number
  expiresAt?: number
  /** The one that asks. */
  current: boolean
}

/** Newest first. */
export const listSessions = (signal?: AbortSignal): Promise<Page<SignInPlace>> => request('GET', '/api/sessions', { signal })

export const endSession = (id: string): Promise<void> => request('DELETE', `/api/sessions/${encodeURIComponent(id)}`)
