import { request } from './http'

interface FileLink {
  message: string
  url: string
  /** Unix milliseconds. */
  expiresAt: number
}

/** Current addresses of the files of at most 100 messages; those that the caller may not see are missing. */
export const fileLinks = (messages: string[]): Promise<{ items: FileLink[] }> =>
  request('POST', '/api/files/links', { body: { messages } })
