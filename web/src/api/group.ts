import type { Group, GroupMember } from '@/state/model'
import type { ClientApi, ClientListGroupFaces, NewOwnGroup, OwnGroup, OwnGroupPatch } from '@/wire/api.gen'
import { request } from './http'
import type { Page } from './page'

/** A group as the server tells the caller about it: with the caller's own role and setting. */
export type GroupRow = OwnGroup

export interface GroupPatch extends OwnGroupPatch {
  /** A discussion becomes a group; there is no way back. */
  isPost?: true
}

const at = <Rest extends string = ''>(id: string, rest = '' as Rest) => `/api/groups/${encodeURIComponent(id)}${rest}` as const

export function toGroup(row: GroupRow): Group {
  const { id, name, avatar, announcement, isPost, creator, members, role, banned, membersInvite } = row
  return { id, name, avatar, announcement, isPost, creator, members, role, banned, membersInvite, muted: !row.isPush }
}

export async function listGroups(query: ClientApi['GET /api/groups']['query'], signal?: AbortSignal): Promise<Page<Group>> {
  const page = await request<'GET /api/groups'>('GET', '/api/groups', { query, signal })
  return { ...page, items: page.items.map(toGroup) }
}

/** Members who stand for groups that have no picture. */
export const listFaces = (groups: string[]): Promise<ClientListGroupFaces> => request<'GET /api/group-faces'>('GET', '/api/group-faces', { query: { group: groups } })

export async function getGroup(id: string, signal?: AbortSignal): Promise<Group> {
  return toGroup(await request<'GET /api/groups/{group}'>('GET', at(id), { signal }))
}

/** The same key for the same group makes it once, however often it is asked for. */
export async function createGroup(group: NewOwnGroup, key: string): Promise<Group> {
  return toGroup(await request<'POST /api/groups'>('POST', '/api/groups', { body: group, key }))
}

export async function changeGroup(id: string, patch: GroupPatch): Promise<Group> {
  return toGroup(await request<'PATCH /api/groups/{group}'>('PATCH', at(id), { body: patch }))
}

export const dissolveGroup = (id: string): Promise<void> => request<'DELETE /api/groups/{group}'>('DELETE', at(id))

export const leaveGroup = (id: string): Promise<void> => request<'POST /api/groups/{group}/leave'>('POST', at(id, '/leave'))

/** Administrators first, then by name. */
export function listMembers(
  id: string,
  query: ClientApi['GET /api/groups/{group}/members']['query'],
  signal?: AbortSignal,
): Promise<Page<GroupMember>> {
  return request<'GET /api/groups/{group}/members'>('GET', at(id, '/members'), { query, signal })
}

/** Gives those who were not in it yet. */
export const addMembers = (id: string, members: string[]): Promise<Page<GroupMember>> =>
  request<'POST /api/groups/{group}/members'>('POST', at(id, '/members'), { body: { members } })

export const removeMember = (id: string, account: string): Promise<void> =>
  request<'DELETE /api/groups/{group}/members/{person}'>('DELETE', at(id, `/members/${encodeURIComponent(account)}`))

export const setAdmin = (id: string, account: string, admin: boolean): Promise<void> =>
  request<'PUT /api/groups/{group}/admins/{person}' | 'DELETE /api/groups/{group}/admins/{person}'>(admin ? 'PUT' : 'DELETE', at(id, `/admins/${encodeURIComponent(account)}`))
