import { useTranslation } from 'react-i18next'
import type { Role } from '@/api/admin'
import { languageNames, languages, type Language } from '@/i18n'
import { zoneOptions } from '@/lib/zones'
import { useStore } from '@/state/store'
import { NativeSelect } from '@/ui/NativeSelect'
import { TextField } from '@/ui/TextField'

const texts = ['name', 'email', 'title', 'department', 'phone'] as const

export type Fields = Record<(typeof texts)[number], string> & {
  /** '': not in the main organization. */
  role: Role | ''
  /** '': the language of the server. */
  language: Language | ''
  timeZone: string
}

export const emptyFields: Fields = { name: '', email: '', title: '', department: '', phone: '', role: 'member', language: '', timeZone: '' }

const roles = ['owner', 'administrator', 'member', 'guest'] as const
const types: Partial<Record<keyof Fields, string>> = { email: 'email', phone: 'tel' }

interface Props {
  fields: Fields
  onChange: (fields: Fields) => void
  /** The role cannot be changed. */
  fixedRole?: boolean
}

/** The form with the data of a person. */
export function PersonFields({ fields, onChange, fixedRole }: Props) {
  const { t } = useTranslation('admin')
  const owner = useStore((s) => s.me?.role === 'owner')
  // Only owners can make somebody an owner.
  const asServer = { value: '', label: t('asServer') } as const
  const offered: (Role | '')[] = roles.filter((r) => owner || r !== 'owner' || fields.role === 'owner')
  if (fields.role === '') offered.unshift('')
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {texts.map((name) => (
        <TextField
          key={name}
          label={t(`fields.${name}`)}
          type={types[name] ?? 'text'}
          autoComplete="off"
          value={fields[name]}
          onValueChange={(value) => onChange({ ...fields, [name]: value })}
          maxLength={name === 'email' ? 254 : 200}
        />
      ))}
      {!fixedRole && (
        <NativeSelect
          label={t('role')}
          value={fields.role}
          options={offered.map((value) => ({ value, label: value ? t(`roles.${value}`) : t('roles.none') }))}
          onValueChange={(role) => onChange({ ...fields, role })}
        />
      )}
      <NativeSelect
        label={t('fields.language')}
        value={fields.language}
        options={[asServer, ...languages.map((value) => ({ value, label: languageNames[value] }))]}
        onValueChange={(language) => onChange({ ...fields, language })}
      />
      <NativeSelect
        label={t('fields.timeZone')}
        value={fields.timeZone}
        options={[asServer, ...zoneOptions(fields.timeZone)]}
        onValueChange={(timeZone) => onChange({ ...fields, timeZone })}
      />
    </div>
  )
}
