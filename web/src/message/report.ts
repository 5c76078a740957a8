import i18n from 'i18next'
import type { Report } from '@/wire/wire.gen'

const text = (key: string, values: Record<string, unknown> = {}): string => i18n.t(key, { ns: 'message', ...values })

/** Words the report of a system message in the reader's language; null if this client does not know its kind. */
export function wordReport(report: Report, me: string | undefined): string | null {
  const key = keys[report.kind]
  if (!key) return null
  const mine = report.by.id === me
  const users = report.users ?? []
  const names = users.map((user) => (user.id === me ? text('report.you') : user.name))
  const more = (report.total ?? 0) > users.length
  const variant = key === 'created' && users.length > 0 ? 'createdWith' : key === 'announced' && !report.text ? 'unannounced' : key
  return text(`report.${variant}.${mine ? 'me' : 'other'}`, {
    by: apartInChinese(report.by.name),
    users: more ? text('report.more', { names: apartInChinese(names.join(text('report.comma'))) }) : listed(names),
    name: apartInChinese(report.name ?? ''),
    text: report.text,
  }).trim()
}

/** "A, B and C" in the reader's language. */
function listed(names: string[]): string {
  const locale = i18n.language === 'en' ? 'en-GB' : i18n.language // British English has no comma before "and"
  const parts = new Intl.ListFormat(locale).formatToParts(names)
  return parts.map(({ type, value }) => (type === 'element' ? apartInChinese(value) : value)).join('').replace(/ *、 */g, '、')
}

/** A name for the middle of a sentence. In Chinese, there is a space between Chinese and Latin letters. */
function apartInChinese(name: string): string {
  return i18n.language === 'zh' ? name.replace(/^(?=[\w\u00c0-\u024f])/, ' ').replace(/(?<=[\w\u00c0-\u024f])$/, ' ') : name
}

const keys: Record<string, string> = {
  'group created': 'created',
  'members added': 'added',
  'member removed': 'removed',
  'member left': 'left',
  'group renamed': 'renamed',
  'picture changed': 'picture',
  'announcement changed': 'announced',
  'discussion converted': 'converted',
  'invitation by members': 'inviteAll',
  'invitation by administrators': 'inviteAdmins',
  'administrator added': 'admin',
  'administrator removed': 'noAdmin',
  'creator changed': 'successor',
  'speaking banned': 'banned',
  'speaking permitted': 'permitted',
  'group dissolved': 'dissolved',
  'message pinned': 'pinned',
}

/** The text in place of a withdrawn message, in the reader's language. `byAdmin` is the administrator who withdrew it; undefined: its author did. */
export function wordWithdrawal(from: { id: string; name: string }, byAdmin: string | undefined, me: string | undefined): string {
  if (byAdmin !== undefined && byAdmin === me && from.name) return text('withdrawnOf', { name: apartInChinese(from.name) }).trim()
  if (byAdmin !== undefined) return text('withdrawnByAdmin')
  if (from.id === me) return text('withdrawnByMe')
  return from.name ? text('withdrawnBy', { name: apartInChinese(from.name) }).trim() : text('withdrawn')
}
