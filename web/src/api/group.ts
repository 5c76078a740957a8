import type { Group, GroupMember } from '@/state/model'
import { request } from './http'
import type { Page } from './page'

/** A group as the server tells the caller about it: with the caller's own role and setting. */
export interface GroupRow extends Omit<Group, 'muted'> {
  isPush: boolean
  createdAt: number
}

export interface GroupPatch {
  name?: string
  /** Key of an uploaded image; "" takes the picture away. */
  avatarKey?: string
  announcement?: string
  membersInvite?: boolean
  banned?: boolean
  /** A discussion becomes a group; there is no way back. */
  isPost?: true
  isPush?: boolean
}

interface NewGroup {
  name?: string
  members: string[]
  isPost?: boolean
}

const at = (id: string, rest = ''): string => `/api/groups/${encodeURIComponent(id)}${rest}`

export function toGroup(row: GroupRow): Group {
  const { id, name, avatar, announcement, isPost, creator, members, role, banned, membersInvite } = row
  return { id, name, avatar, announcement, isPost, creator, members, role, banned, membersInvite, muted: !row.isPush }
}

export async function listGroups(query: { query?: string; next?: string; limit?: number }, signal?: AbortSignal): Promise<Page<Group>> {
  const page = await request<Page<GroupRow>>('GET', '/api/groups', { query, signal })
  return { ...page, items: page.items.map(toGroup) }
}

export async function getGroup(id: string, signal?: AbortSignal): Promise<Group> {
  return toGroup(await request<GroupRow>('GET', at(id), { signal }))
}

export async function createGroup(group: NewGroup): Promise<Group> {
  return toGroup(await request<GroupRow>('POST', '/api/groups', { body: group }))
}

export async function changeGroup(id: string, patch: GroupPatch): Promise<Group> {
  return toGroup(await request<GroupRow>('PATCH', at(id), { body: patch }))
}

export const dissolveGroup = (id: string): Promise<void> => request('DELETE', at(id))

export const leaveGroup = (id: string): Promise<void> => request('POST', at(id, '/leave'))

/** Administrators first, then by name. */
export function listMembers(
  id: string,
  query: { query?: string; next?: string; limit?: number },
  signal?: AbortSignal,
): Promise<Page<GroupMember>> {
  return request('GET', at(id, '/members'), { query, signal })
}

/** Gives those who were not in it yet. */
export const addMembers = (id: string, members: string[]): Promise<Page<GroupMember>> =>
  request('POST', at(id, '/members'), { body: { members } })

export const removeMember = (id: string, account: string): Promise<void> =>
  request('DELETE', at(id, `/members/${encodeURIComponent(account)}`))

export const setAdmin = (id: string, account: string, admin: boolean): Promise<void> =>
  request(admin ? 'PUT' : 'DELETE', at(id, `/admins/${encodeURIComponent(account)}`))
