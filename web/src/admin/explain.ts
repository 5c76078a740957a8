import i18n from 'i18next'
import type { AdminOverview } from '@/api/admin'
import { ApiError } from '@/api/http'
import { fields, reasonOf, reasons } from './importReasons'

/** The reasons that are neither of a line of an import nor of a setting; docs/openapi.yaml describes them. */
export const otherReasons = [
  'too-small', 'too-large', 'too-short', 'is-email', 'no-email', 'shared-email', 'erased', 'other-name', 'nobody', 'inactive', 'guest', 'group-full', 'kind', 'own-application',
  'client-application', 'receiver', 'no-heading', 'unknown-column', 'repeated-column', 'too-many-lines',
] as const

/** Says in the user's language why the server refuses a call of the administration. null: its own text is all there is. */
export function explain(error: unknown): string | null {
  if (!(error instanceof ApiError)) return null
  const t = i18n.getFixedT(null, 'admin')
  for (const [name, { code, params = {} }] of Object.entries(error.fields)) {
    const found = fields.find((f) => f === name)
    const field = found ? t(`fields.${found}`) : t('refusals.value')
    const other = otherReasons.find((r) => r === code)
    if (other) return t(`refusals.${other}`, { ...params, field })
    if (code === 'form') {
      // The text of the server says more, but only in English.
      if (i18n.language === 'en') return null
      return found ? t('import.reasons.form', { field }) : t('refusals.form')
    }
    const known = reasons.find((r) => r === code)
    if (known) return reasonOf(t, { code: known, field: found ?? t('refusals.value'), params, problem: '' })
  }
  return error.status === 408 || error.status >= 500 ? i18n.t('serverFault', { ns: 'refusal' }) : null
}

/** The kinds of failures of a backup; docs/openapi.yaml describes them. */
export const backupFailures = ['differences', 'disk-full', 'not-allowed', 'missing', 'storage-service', 'database', 'other'] as const

/** Says in the user's language why the latest backup has failed. */
export function explainBackup({ failure, failureCode }: NonNullable<AdminOverview['backup']>): string {
  const known = backupFailures.find((code) => code === failureCode) ?? 'other'
  // The text of the server says more, but only in English.
  if (known === 'other' && failure && i18n.language === 'en') return failure
  return i18n.t(`storage.failures.${known}`, { ns: 'admin' })
}
