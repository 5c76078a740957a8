import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '@/api/http'
import { setUp } from '@/api/setup'
import { languageNames, languages, setLanguage, type Language } from '@/i18n'
import { refusal } from '@/lib/refusal'
import { Button } from '@/ui/Button'
import { NativeSelect } from '@/ui/NativeSelect'
import { TextField } from '@/ui/TextField'
import { toastError } from '@/ui/toast'
import type { Installed, SetUpOpen } from '@/wire/api.gen'
import { allZones, ownZone } from './zones'

type Field = 'organization' | 'name' | 'email' | 'password'

const empty: Record<Field, string> = { organization: '', name: '', email: '', password: '' }

interface Props {
  secret: string
  open: SetUpOpen
  onInstalled: (done: Installed) => void
}

export function SetUpForm({ secret, open, onInstalled }: Props) {
  const { t, i18n } = useTranslation('setup')
  const [values, setValues] = useState(empty)
  const [zone, setZone] = useState(ownZone)
  const [problems, setProblems] = useState<Partial<Record<Field | 'form', string>>>({})
  const [busy, setBusy] = useState(false)

  const check = (): typeof problems => ({
    ...(!values.organization.trim() && { organization: t('organizationMissing') }),
    ...(!values.name.trim() && { name: t('nameMissing') }),
    ...(open.passwords && !values.email.trim() && { email: t('emailMissing') }),
    ...(open.passwords && Array.from(values.password).length < open.minPassword && { password: t('passwordTooShort', { count: open.minPassword }) }),
  })
  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    const found = check()
    setProblems(found)
    if (Object.keys(found).length > 0) return
    setBusy(true)
    try {
      const { organization, name, email, password } = values
      const who = { organization, name, email, ...(open.passwords && { password }) }
      onInstalled(await setUp({ secret, ...who, language: i18n.language as Language, timeZone: zone }))
    } catch (error) {
      setProblems(problemsOf(error))
      setBusy(false)
    }
  }
  const field = (name: Field, type: string, autoComplete: string, hint?: string) => (
    <TextField
      label={t(name)}
      type={type}
      name={name}
      autoComplete={autoComplete}
      value={values[name]}
      onValueChange={(value) => setValues((v) => ({ ...v, [name]: value }))}
      {...(problems[name] && { error: problems[name] })}
      {...(hint && { hint })}
    />
  )
  return (
    <form noValidate onSubmit={(e) => void submit(e)} className="flex flex-col gap-4">
      <p className="text-center text-sm text-muted">{t('intro')}</p>
      <NativeSelect
        label={t('language')}
        hint={t('languageHint')}
        value={i18n.language as Language}
        options={languages.map((value) => ({ value, label: languageNames[value] }))}
        onValueChange={(language) => void setLanguage(language).catch(toastError)}
      />
      {field('organization', 'text', 'organization')}
      {field('name', 'text', 'name')}
      {field('email', 'email', 'username')}
      {open.passwords ? (
        field('password', 'password', 'new-password', t('passwordTooShort', { count: open.minPassword }))
      ) : (
        <p className="text-sm text-muted">{t('passwordsOff')}</p>
      )}
      <NativeSelect label={t('timeZone')} value={zone} options={allZones().map((value) => ({ value, label: value.replaceAll('_', ' ') }))} onValueChange={setZone} />
      {problems.form && (
        <p role="alert" className="text-sm text-danger">
          {problems.form}
        </p>
      )}
      <Button type="submit" kind="primary" size="large" busy={busy}>
        {t('submit')}
      </Button>
    </form>
  )
}

/** The fields that the server has refused, or what else went wrong. */
function problemsOf(error: unknown): Partial<Record<Field | 'form', string>> {
  if (error instanceof ApiError) {
    const found = Object.entries(error.fields).filter(([name]) => name in empty)
    if (found.length > 0) return Object.fromEntries(found.map(([name]) => [name, refusal(error)]))
  }
  return { form: refusal(error) }
}
