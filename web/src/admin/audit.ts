import type { TFunction } from 'i18next'
import type { AuditEntry } from '@/api/admin'
import { markOf } from '@/invitation/mark'

/** The kinds of entries by subject, in the order of the filter. One that ends with a dot selects all kinds with this prefix. */
export const areas = {
  signIn: [
    'sign-in', 'sign-in.refused', 'sign-in.link-requested', 'session.ended', 'sessions.ended', 'two-factor.', 'two-factor.asked', 'two-factor.on', 'two-factor.off',
    'two-factor.reset', 'two-factor.recovery-code-used', 'two-factor.recovery-codes-made', 'code.created', 'token.issued', 'identity.linked', 'password.set', 'password.removed',
  ],
  people: ['account.', 'account.created', 'account.changed', 'account.email-requested', 'account.email-refused', 'account.deactivated', 'account.reactivated', 'account.erased', 'role.changed', 'friends.made', 'friends.ended'],
  groups: [
    'group.', 'group.created', 'group.changed', 'group.dissolved', 'group.handed-over', 'group.members-added', 'group.member-removed', 'group.member-left', 'group.administrator',
    'group.webhook-created', 'group.webhook-changed', 'group.webhook-rotated', 'group.webhook-removed',
  ],
  organizations: [
    'organization.', 'organization.created', 'organization.changed', 'organization.deleted', 'organization.joined', 'organization.left', 'invitation.', 'invitation.created',
    'invitation.revoked', 'invitation.accepted', 'invitation.refused',
  ],
  applications: [
    'application.', 'application.created', 'application.changed', 'application.disabled', 'application.enabled', 'application.secret-rotated',
    'application.signing-key-rotated', 'host.call',
  ],
  server: ['server.set-up', 'setting.changed', 'retention.changed', 'audit.exported', 'data.exported', 'data.imported'],
} as const

/** Returns the key of the texts of a kind. i18next takes a dot as a separator of keys. */
export const textsOf = (kind: string): string => kind.replaceAll('.', '-')

/** Returns a name for a sentence, isolated so that its text direction does not change the rest of the sentence. */
const name = (text: string): string => `\u2068${text}\u2069`

interface Language {
  t: TFunction<'admin'>
  language: string
  exists: (key: string) => boolean
}

/** Returns the text of a value, or the value if it has none. */
function valueOf({ t, exists }: Language, group: 'roles' | 'audit.methods' | 'audit.changes' | 'audit.readMarks', value: string): string {
  const key = `${group}.${value}`
  return exists(key) ? t(key as 'roles.owner') : value
}

/** Returns a detail of an entry with names in place of ids, and words in place of the server's values. */
export function detailOf(l: Language, e: AuditEntry, key: string): string {
  const value = ((e.detail ?? {}) as Record<string, string>)[key] ?? ''
  const names = (e.names ?? {}) as Record<string, string>
  switch (key) {
    case 'accounts': {
      const all = value.split(',').map((id) => name(names[id] ?? id))
      const more = Number(((e.detail ?? {}) as Record<string, string>).count ?? all.length) - all.length
      if (more > 0) all.push(l.t('audit.others', { count: more }))
      return new Intl.ListFormat(l.language).format(all)
    }
    case 'role':
      return valueOf(l, 'roles', value)
    case 'from':
    case 'to':
      return e.kind === 'role.changed' ? valueOf(l, 'roles', value) : name(names[value] ?? value)
    case 'method':
      return valueOf(l, 'audit.methods', value)
    case 'readMarks':
    case 'activity':
      return valueOf(l, 'audit.readMarks', value)
    case 'change':
      return e.kind === 'group.changed' ? valueOf(l, 'audit.changes', value) : value
    default:
      return names[value] ? name(names[value]) : value
  }
}

/** Returns a sentence that describes the entry. */
export function sentenceOf(l: Language, e: AuditEntry): string {
  const detail = (e.detail ?? {}) as Record<string, string>
  let form = ''
  if (e.actor !== undefined && e.actor === e.target) form = '-own'
  else if (e.kind === 'group.administrator' && detail.administrator === 'false') form = '-no'
  else if (e.kind === 'data.exported' && detail.state === 'begun') form = '-begun'
  else if (e.kind === 'setting.changed' && detail.to) form = '-to'
  else if (e.kind.startsWith('invitation.') && e.target) form = '-marked'
  const key = [`audit.sentences.${textsOf(e.kind)}${form}`, `audit.sentences.${textsOf(e.kind)}`].find((k) => l.exists(k))
  if (!key) return e.kind
  return l.t(key as 'audit.sentences.sign-in', {
    by: name(actorOf(l, e)),
    target: name(e.targetName ?? e.target ?? l.t('audit.nobody')),
    mark: markOf(e.target ?? ''),
    ...Object.fromEntries(['accounts', 'account', 'friend', 'from', 'to', 'method', 'change', 'organization', 'issuer', 'operation', 'name'].map((k) => [k, detailOf(l, e, k)])),
  })
}

/** Returns the name of the person, the system or the operator that acted. */
const actorOf = (l: Language, e: AuditEntry): string => e.actorName ?? e.actor ?? e.appName ?? e.app ?? l.t(e.operator ? 'audit.operator' : 'audit.nobody')
