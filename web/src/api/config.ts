import type { QueryClient } from '@tanstack/react-query'
import { allowMediaFrom } from '@/app/address'
import type { ClientConfig } from '@/wire/api.gen'
import { request } from './http'

/** What the server tells everybody about itself, before anybody signs in. Limits of texts count UTF-16 units, those of files bytes. */
export type ServerConfig = ClientConfig

let asked: Promise<ServerConfig> | null = null
let known: ServerConfig | null = null

/** What serverConfig has got; null: nothing yet. */
export const knownConfig = (): ServerConfig | null => known

/** Asks again, for a server whose settings may have changed. What is known stays until the answer is here. */
export async function refreshConfig(client: QueryClient): Promise<void> {
  const config = await ask()
  asked = Promise.resolve(config)
  client.setQueryData(['config'], config)
}

/** Asked once; after a failure it is asked again the next time. */
export function serverConfig(): Promise<ServerConfig> {
  asked ??= ask().catch((error: unknown) => {
    asked = null
    throw error
  })
  return asked
}

async function ask(): Promise<ServerConfig> {
  known = await request<'GET /api/config'>('GET', '/api/config', { anonymous: true, once: true })
  allowMediaFrom(known.pictureOrigins)
  return known
}
