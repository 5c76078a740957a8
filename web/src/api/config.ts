import { allowMediaFrom } from '@/app/address'
import type { ClientConfig } from '@/wire/api.gen'
import { request } from './http'

/** What the server tells everybody about itself, before anybody signs in. Limits of texts count UTF-16 units, those of files bytes. */
export type ServerConfig = ClientConfig

let asked: Promise<ServerConfig> | null = null
let known: ServerConfig | null = null

/** What serverConfig has got; null: nothing yet. */
export const knownConfig = (): ServerConfig | null => known

/** Asked once; after a failure it is asked again the next time. */
export function serverConfig(): Promise<ServerConfig> {
  asked ??= request<'GET /api/config'>('GET', '/api/config', { anonymous: true, once: true }).then(
    (config) => {
      known = config
      allowMediaFrom(config.pictureOrigins)
      return config
    },
    (error: unknown) => {
      asked = null
      throw error
    },
  )
  return asked
}
