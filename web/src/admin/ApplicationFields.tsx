import { useTranslation } from 'react-i18next'
import type { ApplicationPatch } from '@/api/admin'
import { NativeSelect } from '@/ui/NativeSelect'
import { TextField } from '@/ui/TextField'
import type { Pushes } from '@/wire/wire.gen'
import { Checks } from './Checks'

export type Kind = NonNullable<ApplicationPatch['kind']>
export type Scope = NonNullable<ApplicationPatch['scopes']>[number]
export type Push = keyof Pushes

export interface Fields {
  name: string
  url: string
  kind: Kind
  scopes: Scope[]
  mutedPushes: Push[]
}

export const emptyFields: Fields = { name: '', url: '', kind: 'web', scopes: [], mutedPushes: [] }

const kinds = ['web', 'mobile', 'desktop', 'server'] as const satisfies Kind[]
const scopes = ['read', 'accounts', 'groups', 'messages', 'notifications', 'tokens', 'applications', 'administration'] as const satisfies Scope[]

// Every push, so that the compiler finds one that is missing.
const pushes: Record<Push, true> = {
  'new message': true, 'new group message': true, 'new session': true, 'new history': true, 'new withdraw usermessage': true,
  'new withdraw groupmessage': true, 'message edited': true, 'message reaction': true, 'message pinned': true, 'read marks': true, typing: true, availability: true, 'voice as read': true, 'clear unread': true, 'mark unread': true, 'unread again': true, 'unread left': true,
  'clear all unread': true, 'session removed': true, 'new sticky on top': true, 'draft changed': true, operate: true, 'shake shake': true, 'group shake': true,
  'new group': true, 'group member added': true, 'group member removed': true, 'removed from group': true, 'group renamed': true,
  'group admin added': true, 'group admin removed': true, 'set group notice': true, 'set user notice': true, 'ban speak': true, 'permit speak': true,
  'can add member': true, 'group changed': true, 'contact changed': true, 'new notify': true, 'clear notification': true,
  'new silence message': true, 'logout message': true,
}
const pushNames = Object.keys(pushes) as Push[]

interface Props {
  fields: Fields
  onChange: (fields: Fields) => void
  /** The kinds that can be chosen. */
  offered: (kind: Kind) => boolean
  disabled?: boolean
}

/** What an administrator decides about an application. */
export function ApplicationFields({ fields, onChange, offered, disabled = false }: Props) {
  const { t } = useTranslation('admin')
  return (
    <fieldset disabled={disabled} className="flex min-w-0 flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField label={t('fields.name')} value={fields.name} onValueChange={(name) => onChange({ ...fields, name })} maxLength={200} autoComplete="off" />
        <NativeSelect<Kind>
          label={t('applications.kind')}
          value={fields.kind}
          options={kinds.filter((kind) => kind === fields.kind || offered(kind)).map((value) => ({ value, label: t(`applications.kinds.${value}`) }))}
          onValueChange={(kind) => onChange({ ...fields, kind, scopes: kind === 'server' ? fields.scopes : [] })}
        />
        <TextField label={t('applications.url')} type="url" value={fields.url} onValueChange={(url) => onChange({ ...fields, url })} autoComplete="off" className="sm:col-span-2" />
      </div>
      {fields.kind === 'server' ? (
        <Checks
          legend={t('applications.scopes')}
          hint={t('applications.scopesHint')}
          options={scopes.map((value) => ({ value, label: value, about: t(`applications.scopesOf.${value}`) }))}
          chosen={fields.scopes}
          onChange={(chosen) => onChange({ ...fields, scopes: chosen })}
        />
      ) : (
        <details>
          <summary className="cursor-pointer text-sm font-medium">{t('applications.muted', { count: fields.mutedPushes.length })}</summary>
          <div className="pt-2">
            <Checks
              legend={t('applications.mutedLegend')}
              hint={t('applications.mutedHint')}
              options={pushNames.map((value) => ({ value, label: value }))}
              chosen={fields.mutedPushes}
              onChange={(chosen) => onChange({ ...fields, mutedPushes: chosen })}
            />
          </div>
        </details>
      )}
    </fieldset>
  )
}
