import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { setUp } from '@/api/setup'
import { languageNames, languages, setLanguage, type Language } from '@/i18n'
import { ownZone, zoneOptions } from '@/lib/zones'
import { NewAccountForm, type FormField } from '@/signin/NewAccountForm'
import { NativeSelect } from '@/ui/NativeSelect'
import { toastError } from '@/ui/toast'
import type { Installed, SetUpOpen } from '@/wire/api.gen'

type Field = 'organization' | 'name' | 'email' | 'password'

interface Props {
  secret: string
  open: SetUpOpen
  onInstalled: (done: Installed) => void
}

export function SetUpForm({ secret, open, onInstalled }: Props) {
  const { t, i18n } = useTranslation('setup')
  const [zone, setZone] = useState(ownZone)
  const fields: FormField<Field>[] = [
    { name: 'organization', label: t('organization'), autoComplete: 'organization', check: (value) => !value.trim() && t('organizationMissing') },
    { name: 'name', label: t('name'), autoComplete: 'name', check: (value) => !value.trim() && t('nameMissing') },
    { name: 'email', label: t('email'), type: 'email', autoComplete: 'username', check: (value) => open.passwords && !value.trim() && t('emailMissing') },
  ]
  if (open.passwords) {
    const short = t('passwordTooShort', { count: open.minPassword })
    fields.push({
      name: 'password', label: t('password'), type: 'password', autoComplete: 'new-password', hint: short,
      check: (value) => Array.from(value).length < open.minPassword && short,
    })
  }
  return (
    <NewAccountForm
      fields={fields}
      submit={t('submit')}
      onSubmit={async (values) => onInstalled(await setUp({ secret, ...values, language: i18n.language as Language, timeZone: zone }))}
      before={
        <>
          <p className="text-center text-sm text-muted">{t('intro')}</p>
          <NativeSelect
            label={t('language')}
            hint={t('languageHint')}
            value={i18n.language as Language}
            options={languages.map((value) => ({ value, label: languageNames[value] }))}
            onValueChange={(language) => void setLanguage(language).catch(toastError)}
          />
        </>
      }
      after={
        <>
          {!open.passwords && <p className="text-sm text-muted">{t('passwordsOff')}</p>}
          <NativeSelect label={t('timeZone')} value={zone} options={zoneOptions()} onValueChange={setZone} />
        </>
      }
    />
  )
}
