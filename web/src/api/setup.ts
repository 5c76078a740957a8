import type { Installation, Installed, SetUpOpen } from '@/wire/api.gen'
import { request } from './http'

/** Checks that the server can be set up with the secret of a link, and returns the rules for passwords. */
export const checkSetUp = (secret: string): Promise<SetUpOpen> =>
  request<'POST /api/set-up/check'>('POST', '/api/set-up/check', { body: { secret }, anonymous: true })

/** Makes the organization and its owner, and signs the owner in. */
export const setUp = (installation: Installation): Promise<Installed> =>
  request<'POST /api/set-up'>('POST', '/api/set-up', { body: installation, anonymous: true })
