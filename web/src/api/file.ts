import type { ClientListFileLink } from '@/wire/api.gen'
import { request } from './http'

/** Current addresses of the files of at most 100 messages; those that the caller may not see are missing. */
export const fileLinks = (messages: string[]): Promise<ClientListFileLink> =>
  request<'POST /api/files/links'>('POST', '/api/files/links', { body: { messages } })
