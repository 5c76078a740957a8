import type { Me } from '@/state/model'
import type { MePatch } from '@/wire/api.gen'
import { request } from './http'

export const getMe = (signal?: AbortSignal): Promise<Me> => request<'GET /api/me'>('GET', '/api/me', { signal })

/** What is missing stays; `avatarKey` names an uploaded image, "" takes the picture away. */
export const changeMe = (change: MePatch): Promise<Me> => request<'PATCH /api/me'>('PATCH', '/api/me', { body: change })

/** Sets one's own password. Without the current one it needs a recent sign-in (Me.freshUntil). Signs out everywhere else. */
export const changePassword = (password: string, current?: string): Promise<void> =>
  request<'PUT /api/me/password'>('PUT', '/api/me/password', { body: { password, current: current || undefined } })
