import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '@/api/http'
import { changePassword } from '@/api/me'
import { refusal } from '@/lib/refusal'
import { useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { TextField } from '@/ui/TextField'
import { toast } from '@/ui/toast'
import { useServerConfig } from './useServerConfig'

type Field = 'current' | 'password' | 'again'
type Problems = Partial<Record<Field | 'form', string>>

const empty: Record<Field, string> = { current: '', password: '', again: '' }

/** Sets or changes the password. */
export default function PasswordSection() {
  const { t } = useTranslation('settings')
  const me = useStore((s) => s.me)
  const config = useServerConfig()
  const shortest = config?.limits.password ?? 1
  const [values, setValues] = useState(empty)
  const [problems, setProblems] = useState<Problems>({})
  const [busy, setBusy] = useState(false)
  if (!me || !config) return null
  if (!config.signIn.password) return <p className="text-muted">{t('passwordsOff')}</p>

  const check = (): Problems => ({
    ...(me.hasPassword && !values.current && { current: t('currentMissing') }),
    ...(Array.from(values.password).length < shortest && { password: t('passwordTooShort', { count: shortest }) }),
    ...(values.again !== values.password && { again: t('passwordsDiffer') }),
  })
  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    const found = check()
    setProblems(found)
    if (Object.keys(found).length > 0) return
    setBusy(true)
    try {
      await changePassword(values.password, values.current)
      useStore.setState({ me: { ...me, hasPassword: true } })
      setValues(empty)
      toast(t('passwordSaved'), 'success')
    } catch (error) {
      const wrong = error instanceof ApiError && error.message === 'wrong e-mail address or password'
      setProblems(wrong ? { current: t('currentWrong') } : { form: refusal(error) })
    } finally {
      setBusy(false)
    }
  }
  const field = (name: Field, autoComplete: string) => (
    <TextField
      type="password"
      label={t(`passwordFields.${name}`)}
      autoComplete={autoComplete}
      value={values[name]}
      onValueChange={(value) => setValues((v) => ({ ...v, [name]: value }))}
      error={problems[name]}
    />
  )
  return (
    <form noValidate onSubmit={(e) => void submit(e)} className="flex max-w-sm flex-col gap-4">
      <p className="text-sm text-muted">{t(me.hasPassword ? 'passwordHint' : 'passwordNew')}</p>
      {/* Tells password managers whose password it is. */}
      <input type="text" autoComplete="username" value={me.email ?? me.id} readOnly hidden />
      {me.hasPassword && field('current', 'current-password')}
      {field('password', 'new-password')}
      {field('again', 'new-password')}
      {problems.form && (
        <p role="alert" className="text-sm text-danger">
          {problems.form}
        </p>
      )}
      <Button type="submit" kind="primary" busy={busy} className="self-start">
        {t('save')}
      </Button>
    </form>
  )
}
