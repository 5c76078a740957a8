import { create } from 'zustand'
import type {
  AdminApi,
  AdminApplication,
  AdminApplicationSecret,
  AdminDeadLetter,
  AdminGroup,
  AdminImport,
  AdminIssuedSubscription,
  AdminMember,
  AdminNewPerson,
  AdminNewSubscription,
  AdminNode,
  AdminOverview,
  AdminPerson,
  AdminPersonPatch,
  AdminProfile,
  AdminOrganizationPatch,
  AdminOrganizations,
  AdminOrganizationSettings,
  AdminRetention,
  AdminRetentionPreview,
  AdminRetentionRule,
  AdminSession,
  AdminSetting,
  AdminSettings,
  AdminSettingsChange,
  AdminSignInLink,
  AdminReplayed,
  AdminSubscription,
  ApplicationPatch,
  AuditEntry,
  Erasure,
  NewApplication,
  SubscriptionPatch,
} from '@/wire/admin.gen'
import { ApiError, request as ask, requestFile } from './http'
import type { Page } from './page'

/** Whether the server refused a change of the administration because the sign-in is too old. */
export const useProof = create<{ needed: boolean }>()(() => ({ needed: false }))

/** The refusal of a change that needs a recent sign-in. */
const tooOld = 'sign in again'

/** Asks the server, and notes when it wants a new sign-in first. */
const request = (async (...args: [Parameters<typeof ask>[0], string, Parameters<typeof ask>[2]?]): Promise<unknown> => {
  try {
    return await ask<object>(...args)
  } catch (error) {
    if (error instanceof ApiError && error.message === tooOld) useProof.setState({ needed: true })
    throw error
  }
}) as typeof ask

/** A person with organizations, groups and sessions. */
export type StaffProfile = AdminPerson & AdminProfile
export type { AdminSetting, AdminSettings, Erasure }
export type Role = NonNullable<AdminPerson['role']>

type Query<Operation extends keyof AdminApi> = NonNullable<AdminApi[Operation]['query']>
/** The filter of a list. */
export type PeopleFilter = Omit<Query<'GET /api/admin/people'>, 'next' | 'limit'>
export type GroupsFilter = Omit<Query<'GET /api/admin/groups'>, 'next' | 'limit'>
export type SessionsFilter = Omit<Query<'GET /api/admin/sessions'>, 'next' | 'limit'>
export type AuditFilter = Omit<Query<'GET /api/admin/audit'>, 'next' | 'limit'>

const people = '/api/admin/people'
const one = (id: string): `/api/admin/people/${string}` => `/api/admin/people/${encodeURIComponent(id)}`
const oneGroup = (id: string): `/api/admin/groups/${string}` => `/api/admin/groups/${encodeURIComponent(id)}`
const pageSize = 100

export const listStaff = (filter: PeopleFilter, next: string | undefined, signal?: AbortSignal, limit = pageSize): Promise<Page<AdminPerson>> =>
  request<'GET /api/admin/people'>('GET', people, { query: { ...filter, next, limit }, signal })

// A POST has an idempotency key; see useOnce.
export const createPerson = (person: AdminNewPerson, key: string): Promise<AdminPerson> =>
  request<'POST /api/admin/people'>('POST', people, { body: person, key })

export const getStaff = (id: string, signal?: AbortSignal): Promise<StaffProfile> => request<StaffProfile>('GET', one(id), { signal })

export const changePerson = (id: string, change: AdminPersonPatch): Promise<AdminPerson> =>
  request<'PATCH /api/admin/people/{account}'>('PATCH', one(id), { body: change })

/** With everything, for after a theft, the password and what a thief may have added end as well. */
export const signOutEverywhere = (id: string, everything = false): Promise<void> =>
  request<'DELETE /api/admin/people/{account}/sessions'>('DELETE', `${one(id)}/sessions`, { query: { everything } })

/** Turns two-factor off for a person who has lost the authenticator app and the recovery codes. */
export const resetTwoFactor = (id: string): Promise<void> =>
  request<'DELETE /api/admin/people/{account}/two-factor'>('DELETE', `${one(id)}/two-factor`)

export const setPassword = (id: string, password: string): Promise<void> =>
  request<'PUT /api/admin/people/{account}/password'>('PUT', `${one(id)}/password`, { body: { password } })

export const createSignInLink = (id: string, ttlSeconds: number, key: string): Promise<AdminSignInLink> =>
  request<'POST /api/admin/people/{account}/sign-in-links'>('POST', `${one(id)}/sign-in-links`, { body: { ttlSeconds }, key })

/** The other person becomes the creator of all groups of the first one. */
export const handOverGroups = async (id: string, to: string, key: string): Promise<readonly string[]> =>
  (await request<'POST /api/admin/people/{account}/hand-over'>('POST', `${one(id)}/hand-over`, { body: { to }, key })).groups

/** Erases a person for ever. The name is a confirmation. */
export const erasePerson = (id: string, name: string, key: string): Promise<Erasure> =>
  request<'POST /api/admin/people/{account}/erase'>('POST', `${one(id)}/erase`, { body: { name }, key })

/** Without `apply` the result is a preview. */
export async function importPeople(csv: string, apply: boolean, key: string): Promise<AdminImport> {
  const answer = await request<'POST /api/admin/people/import'>('POST', '/api/admin/people/import', { body: { csv, apply }, key })
  if (answer.lines.some((line) => line.problem === tooOld)) useProof.setState({ needed: true })
  return answer
}

export const listAllGroups = (filter: GroupsFilter, next: string | undefined, signal?: AbortSignal): Promise<Page<AdminGroup>> =>
  request<'GET /api/admin/groups'>('GET', '/api/admin/groups', { query: { ...filter, next, limit: pageSize }, signal })

export const getAnyGroup = (id: string, signal?: AbortSignal): Promise<AdminGroup> =>
  request<'GET /api/admin/groups/{group}'>('GET', oneGroup(id), { signal })

export const listGroupMembers = (id: string, next: string | undefined, signal?: AbortSignal): Promise<Page<AdminMember>> =>
  request<'GET /api/admin/groups/{group}/members'>('GET', `${oneGroup(id)}/members`, { query: { next, limit: pageSize }, signal })

export const addGroupMember = (id: string, account: string, key: string): Promise<void> =>
  request<'POST /api/admin/groups/{group}/members'>('POST', `${oneGroup(id)}/members`, { body: { accounts: [account] }, key })

export const removeGroupMember = (id: string, account: string): Promise<void> =>
  request<'DELETE /api/admin/groups/{group}/members/{account}'>('DELETE', `${oneGroup(id)}/members/${encodeURIComponent(account)}`)

export const handOverGroup = (id: string, account: string): Promise<AdminGroup> =>
  request<'PUT /api/admin/groups/{group}/owner'>('PUT', `${oneGroup(id)}/owner`, { body: { account } })

export const dissolveAnyGroup = (id: string): Promise<void> => request<'DELETE /api/admin/groups/{group}'>('DELETE', oneGroup(id))

export const getOverview = (days: number, signal?: AbortSignal): Promise<AdminOverview> =>
  request<'GET /api/admin/overview'>('GET', '/api/admin/overview', { query: { days }, signal })

export const getOrganizations = (signal?: AbortSignal): Promise<AdminOrganizations> => request<'GET /api/admin/organizations'>('GET', '/api/admin/organizations', { signal })

export const changeOrganization = (id: string, change: AdminOrganizationPatch): Promise<AdminOrganizationSettings> =>
  request<'PATCH /api/admin/organizations/{organization}'>('PATCH', oneOrganization(id), { body: change })

export const getRetention = (signal?: AbortSignal): Promise<AdminRetention> => request<'GET /api/admin/retention'>('GET', '/api/admin/retention', { signal })

type Scope = AdminRetentionRule['scope']
const oneOrganization = (id: string): `/api/admin/organizations/${string}` => `/api/admin/organizations/${encodeURIComponent(id)}`

/** What a rule would remove. 0 days: nothing. */
const previewPart = (scope: Scope, id: string, query: { days: number; after?: number }, signal?: AbortSignal): Promise<AdminRetentionPreview> =>
  scope === 'group'
    ? request<'GET /api/admin/groups/{group}/retention/preview'>('GET', `${oneGroup(id)}/retention/preview`, { query, signal })
    : request<'GET /api/admin/organizations/{organization}/retention/preview'>('GET', `${oneOrganization(id)}/retention/preview`, { query, signal })

/** What a rule would remove. The server counts one part of the chats after another; told is called after each. */
export async function previewRetention(scope: Scope, id: string, days: number, told: (progress: number) => void, signal?: AbortSignal): Promise<AdminRetentionPreview> {
  const sum: AdminRetentionPreview = { chats: 0, messages: 0, files: 0, bytes: 0, progress: 0 }
  for (let after: number | undefined; ; ) {
    const part = await previewPart(scope, id, { days, ...(after && { after }) }, signal)
    for (const key of ['chats', 'messages', 'files', 'bytes'] as const) sum[key] += part[key]
    if (part.oldestAt) sum.oldestAt = Math.min(part.oldestAt, sum.oldestAt ?? Infinity)
    sum.progress = part.progress
    if (!part.next) return sum
    after = part.next
    told(part.progress)
  }
}

export const setRetention = (scope: Scope, id: string, days: number): Promise<AdminRetentionRule> =>
  scope === 'group'
    ? request<'PUT /api/admin/groups/{group}/retention'>('PUT', `${oneGroup(id)}/retention`, { body: { days } })
    : request<'PUT /api/admin/organizations/{organization}/retention'>('PUT', `${oneOrganization(id)}/retention`, { body: { days } })

export const removeRetention = (scope: Scope, id: string): Promise<void> =>
  scope === 'group'
    ? request<'DELETE /api/admin/groups/{group}/retention'>('DELETE', `${oneGroup(id)}/retention`)
    : request<'DELETE /api/admin/organizations/{organization}/retention'>('DELETE', `${oneOrganization(id)}/retention`)

export const listAudit = (filter: AuditFilter, next: string | undefined, signal?: AbortSignal): Promise<Page<AuditEntry>> =>
  request<'GET /api/admin/audit'>('GET', '/api/admin/audit', { query: { ...filter, next, limit: pageSize }, signal })

export const exportAudit = (filter: AuditFilter, format: 'csv' | 'jsonl'): Promise<Blob> =>
  requestFile('/api/admin/audit/export', { ...filter, format } satisfies Query<'GET /api/admin/audit/export'>)

export const endStaffSession = (id: string): Promise<void> =>
  request<'DELETE /api/admin/sessions/{session}'>('DELETE', `/api/admin/sessions/${encodeURIComponent(id)}`)

const applications = '/api/admin/applications'
const oneApplication = (id: string): `/api/admin/applications/${string}` => `/api/admin/applications/${encodeURIComponent(id)}`

export const listApplications = async (signal?: AbortSignal): Promise<readonly AdminApplication[]> =>
  (await request<'GET /api/admin/applications'>('GET', applications, { signal })).items

export const createApplication = (application: NewApplication, key: string): Promise<AdminApplicationSecret> =>
  request<'POST /api/admin/applications'>('POST', applications, { body: application, key })

export const changeApplication = (id: string, change: ApplicationPatch): Promise<AdminApplication> =>
  request<'PATCH /api/admin/applications/{application}'>('PATCH', oneApplication(id), { body: change })

/** Replaces the secret or the key for signing JWTs. The previous one stays valid for `overlapSeconds`. */
export const rotate = (id: string, what: 'secret' | 'signing-key', overlapSeconds: number, key: string): Promise<AdminApplicationSecret> =>
  request<AdminApplicationSecret>('POST', `${oneApplication(id)}/${what}`, { body: { overlapSeconds }, key })

const subscriptions = '/api/admin/subscriptions'
const oneSubscription = (id: string): `/api/admin/subscriptions/${string}` => `/api/admin/subscriptions/${encodeURIComponent(id)}`

export const listSubscriptions = async (signal?: AbortSignal): Promise<readonly AdminSubscription[]> =>
  (await request<'GET /api/admin/subscriptions'>('GET', subscriptions, { signal })).items

export const createSubscription = (subscription: AdminNewSubscription, key: string): Promise<AdminIssuedSubscription> =>
  request<'POST /api/admin/subscriptions'>('POST', subscriptions, { body: subscription, key })

export const changeSubscription = (id: string, change: SubscriptionPatch): Promise<AdminSubscription> =>
  request<'PATCH /api/admin/subscriptions/{subscription}'>('PATCH', oneSubscription(id), { body: change })

export const removeSubscription = (id: string): Promise<void> =>
  request<'DELETE /api/admin/subscriptions/{subscription}'>('DELETE', oneSubscription(id))

export const rotateSubscriptionSecret = (id: string, overlapSeconds: number, key: string): Promise<AdminIssuedSubscription> =>
  request<'POST /api/admin/subscriptions/{subscription}/secret'>('POST', `${oneSubscription(id)}/secret`, { body: { overlapSeconds }, key })

export const testSubscription = (id: string, key: string): Promise<void> =>
  request<'POST /api/admin/subscriptions/{subscription}/test'>('POST', `${oneSubscription(id)}/test`, { key })

export const listDeadLetters = (id: string, next: string | undefined, signal?: AbortSignal): Promise<Page<AdminDeadLetter>> =>
  request<'GET /api/admin/subscriptions/{subscription}/dead-letters'>('GET', `${oneSubscription(id)}/dead-letters`, {
    query: { ...(next && { next: Number(next) }), limit: 20 },
    signal,
  })

export const replayDeadLetter = (id: string, event: string, key: string): Promise<void> =>
  request<'POST /api/admin/subscriptions/{subscription}/dead-letters/{event}/replay'>('POST', `${oneSubscription(id)}/dead-letters/${encodeURIComponent(event)}/replay`, { key })

/** Lets the dead letters of events from a time on be posted again, some thousand at once. */
export const replayDeadLetters = (id: string, from: number, key: string): Promise<AdminReplayed> =>
  request<'POST /api/admin/subscriptions/{subscription}/dead-letters/replay'>('POST', `${oneSubscription(id)}/dead-letters/replay`, { body: { from }, key })

export const listSessions = (filter: SessionsFilter, next: string | undefined, signal?: AbortSignal): Promise<Page<AdminSession>> =>
  request<'GET /api/admin/sessions'>('GET', '/api/admin/sessions', { query: { ...filter, next, limit: pageSize }, signal })

export type {
  AdminApplication,
  AdminApplicationSecret,
  AdminDeadLetter,
  AdminIssuedSubscription,
  AdminSubscription,
  SubscriptionPatch,
  AdminGroup,
  AdminImport,
  AdminMember,
  AdminNode,
  AdminOverview,
  AdminPerson,
  AdminPersonPatch,
  AdminOrganizations,
  AdminRetention,
  AdminRetentionPreview,
  AdminRetentionRule,
  AdminSession,
  AdminSignInLink,
  ApplicationPatch,
  AuditEntry,
  NewApplication,
}

export const getSettings = (signal?: AbortSignal): Promise<AdminSettings> => request<'GET /api/admin/settings'>('GET', '/api/admin/settings', { signal })

/** Makes all of the changes or none. The error has the location of each refused value, such as `values[0].value`. */
export const changeSettings = (change: AdminSettingsChange): Promise<AdminSettings> =>
  request<'PATCH /api/admin/settings'>('PATCH', '/api/admin/settings', { body: change })
