import type { TFunction } from 'i18next'
import type { AdminSetting } from '@/api/admin'
import type { FieldError } from '@/api/http'

/** The reasons that this client has texts for; docs/openapi.yaml describes them. */
export const reasons = [
  'unknown', 'not-live', 'fixed', 'owners-only', 'repeated', 'form', 'too-small', 'too-large', 'required', 'too-long', 'characters', 'unknown-zone', 'unknown-way', 'no-way', 'other',
] as const

/** Says in the user's language why the value of a setting is refused. The text of the server is in English. */
export function reasonText(t: TFunction<['admin', ...string[]]>, type: AdminSetting['type'], { code, params = {} }: FieldError): string {
  const reason = reasons.find((r) => r === code) ?? 'other'
  if (reason === 'form') return t(`options.forms.${type}`)
  const text = t(`options.reasons.${reason}`, params)
  return params['zero'] ? `${text} ${t('options.reasons.or-zero')}` : text
}
