import type { TFunction } from 'i18next'
import type { AdminImport } from '@/api/admin'

/** The reasons that this client has texts for; docs/openapi.yaml describes them. */
export const reasons = [
  'forbidden', 'sign-in-again', 'exists', 'repeated', 'form', 'required', 'too-long', 'characters', 'email-taken', 'several-accounts', 'new-inactive', 'last-owner', 'no-way',
  'own-account', 'no-organization', 'unreadable', 'too-many-fields',
] as const

/** The fields that have a name in words. */
export const fields = ['name', 'email', 'title', 'department', 'phone', 'language', 'timeZone', 'role', 'active', 'password', 'url', 'key', 'days'] as const

type Line = Pick<AdminImport['lines'][number], 'code' | 'field' | 'params' | 'problem'>

/** Says in the user's language why a line is refused. The text of the server is in English. */
export function reasonOf(t: TFunction<'admin'>, { code, field = '', params, problem = '' }: Line): string {
  const reason = reasons.find((r) => r === code)
  if (!reason) return problem
  const named = fields.find((f) => f === field)
  const key = reason === 'required' && field === 'email' ? 'required-email' : reason
  return t(`import.reasons.${key}`, { field: named ? t(`fields.${named}`) : field, most: (params as Record<string, string> | undefined)?.['most'] })
}
