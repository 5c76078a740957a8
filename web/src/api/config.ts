import { request } from './http'

/** What the server tells everybody about itself, before anybody signs in. */
export interface ServerConfig {
  /** Key of the application that the web client is. */
  app: string
  server: { name: string; version: string; timeZone: string; language: string; timeOffsetMinutes?: number }
  signIn: { password: boolean; code: boolean; oidc: { id: string; name: string }[] }
  /** Characters are UTF-16 units, files are bytes. */
  limits: {
    text: number
    name: number
    announcement: number
    image: number
    file: number
    voice: number
    video: number
    withdrawSeconds: number
    top: number
    shakeSeconds: number
    /** Characters that a password has at least. */
    password: number
  }
  socketPath: string
  historyPath: string
  uploads: { kind: 'disk' | 'qiniu' | 's3'; address: string }
}

let asked: Promise<ServerConfig> | null = null

/** Asked once; a failure is asked again the next time. */
export function serverConfig(): Promise<ServerConfig> {
  asked ??= request<ServerConfig>('GET', '/api/config').catch((error: unknown) => {
    asked = null
    throw error
  })
  return asked
}
