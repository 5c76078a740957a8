import { useTranslation } from 'react-i18next'
import type { SubscriptionPatch } from '@/api/admin'
import { TextField } from '@/ui/TextField'
import { Checks } from './Checks'

export type Kind = NonNullable<SubscriptionPatch['kinds']>[number]

export interface Fields {
  url: string
  note: string
  kinds: Kind[]
}

export const emptyFields: Fields = { url: '', note: '', kinds: [] }

/** All kinds of events, in the order of the list. */
export const kinds = [
  'message.sent', 'message.edited', 'message.withdrawn', 'message.read', 'message.away', 'group.created', 'group.changed', 'group.dissolved', 'group.members-added', 'group.member-left',
  'group.role-changed', 'account.created', 'account.changed',
] as const satisfies Kind[]

type Name<K> = K extends `${infer A}.${infer B}` ? `${A}-${B}` : never

/** Returns the key of the text of a kind. i18next takes a dot as a separator of keys. */
export const textOf = (kind: Kind): Name<Kind> => kind.replace('.', '-') as Name<Kind>

interface Props {
  fields: Fields
  onChange: (fields: Fields) => void
  disabled?: boolean
}

/** The fields of a subscription. */
export function SubscriptionFields({ fields, onChange, disabled }: Props) {
  const { t } = useTranslation('admin')
  return (
    <fieldset disabled={disabled} className="flex min-w-0 flex-col gap-4">
      <TextField
        label={t('subscriptions.url')}
        hint={t('subscriptions.urlHint')}
        type="url"
        value={fields.url}
        onValueChange={(url) => onChange({ ...fields, url })}
        placeholder="https://"
        autoComplete="off"
      />
      <TextField label={t('subscriptions.note')} value={fields.note} onValueChange={(note) => onChange({ ...fields, note })} maxLength={200} autoComplete="off" />
      <Checks
        legend={t('subscriptions.kinds')}
        options={kinds.map((value) => ({ value, label: t(`subscriptions.kindsOf.${textOf(value)}`), about: value }))}
        chosen={fields.kinds}
        onChange={(chosen) => onChange({ ...fields, kinds: chosen })}
      />
    </fieldset>
  )
}
