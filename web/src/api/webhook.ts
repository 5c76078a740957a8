import type { IssuedWebhook, NewWebhook, Webhook, WebhookPatch } from '@/wire/api.gen'
import { request } from './http'

export type { IssuedWebhook, Webhook }

const all = (group: string) => `/api/groups/${encodeURIComponent(group)}/webhooks` as const
const one = <Rest extends string = ''>(group: string, id: string, rest = '' as Rest) => `${all(group)}/${encodeURIComponent(id)}${rest}` as const

export const listWebhooks = async (group: string, signal?: AbortSignal): Promise<Webhook[]> =>
  (await request<'GET /api/groups/{group}/webhooks'>('GET', all(group), { signal })).items

/** Only this answer has the address. The same key makes it once. */
export const createWebhook = (group: string, webhook: NewWebhook, key: string): Promise<IssuedWebhook> =>
  request<'POST /api/groups/{group}/webhooks'>('POST', all(group), { body: webhook, key })

/** Only this answer has a new secret. */
export const changeWebhook = (group: string, id: string, patch: WebhookPatch): Promise<IssuedWebhook> =>
  request<'PATCH /api/groups/{group}/webhooks/{webhook}'>('PATCH', one(group, id), { body: patch })

/** Only this answer has the new address. */
export const rotateWebhook = (group: string, id: string): Promise<IssuedWebhook> =>
  request<'POST /api/groups/{group}/webhooks/{webhook}/rotate'>('POST', one(group, id, '/rotate'))

export const removeWebhook = (group: string, id: string): Promise<void> =>
  request<'DELETE /api/groups/{group}/webhooks/{webhook}'>('DELETE', one(group, id))
