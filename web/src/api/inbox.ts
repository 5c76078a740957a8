import type { Notification } from '@/state/model'
import type { ClientListNotice } from '@/wire/api.gen'
import { request } from './http'
import type { Page } from './page'

/** A page of an inbox, newest first; `before` is the `next` of the page before. */
export const listNotifications = (category: string, before: string | undefined, signal?: AbortSignal): Promise<Page<Notification>> =>
  request<ClientListNotice>('GET', `/api/inboxes/${encodeURIComponent(category)}`, { query: { before, limit: 50 }, signal })
