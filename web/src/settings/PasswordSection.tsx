import { useQuery } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '@/api/http'
import { changePassword, getMe } from '@/api/me'
import { useTrouble } from '@/app/useTrouble'
import { cn } from '@/lib/cn'
import { refusal } from '@/lib/refusal'
import { useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { Card, Note } from '@/ui/Card'
import { TextField } from '@/ui/TextField'
import { toast } from '@/ui/toast'
import { SignInAgain } from './SignInAgain'
import { useServerConfig } from './useServerConfig'

type Field = 'current' | 'password' | 'again'
type Problems = Partial<Record<Field | 'form', string>>

const empty: Record<Field, string> = { current: '', password: '', again: '' }

/** Sets or changes the password. */
export default function PasswordSection() {
  const { t } = useTranslation('settings')
  // Read anew: the store's copy may be older than the last sign-in or the end of its proof.
  const query = useQuery({ queryKey: ['me'], queryFn: ({ signal }) => getMe(signal), staleTime: 0, gcTime: 0 })
  const trouble = useTrouble(query)
  const me = query.data
  const config = useServerConfig()
  const shortest = config?.limits.password ?? 1
  const [values, setValues] = useState(empty)
  const [problems, setProblems] = useState<Problems>({})
  const [refused, setRefused] = useState(false)
  const [busy, setBusy] = useState(false)
  if (trouble && !me) {
    return (
      <Card className={cn('flex flex-col items-start gap-3', trouble.retry ? 'text-danger' : 'text-muted')}>
        <p role="alert">{trouble.text}</p>
        {trouble.retry && <Button onClick={trouble.retry}>{t('retry')}</Button>}
      </Card>
    )
  }
  if (!me || !config) return null
  if (!config.signIn.password) return <Note>{t('passwordsOff')}</Note>
  const fresh = me.freshUntil !== undefined
  if (!me.hasPassword && !fresh) return <SignInAgain me={me} path="/settings/password" text={t('signInAgainWhy')} refused={refused} />

  const check = (): Problems => ({
    ...(me.hasPassword && !fresh && !values.current && { current: t('currentMissing') }),
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
      useStore.setState((s) => ({ me: s.me && { ...s.me, hasPassword: true } }))
      setValues(empty)
      await query.refetch()
      toast(t('passwordSaved'), 'success')
    } catch (error) {
      // The proof has expired while the form was open.
      if (error instanceof ApiError && error.message === 'sign in again') {
        setRefused(true)
        await query.refetch()
      }
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
      {...(name === 'current' && fresh && { hint: t('currentOptional') })}
    />
  )
  const form = (
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
  return (
    <>
      <Card>{form}</Card>
      {!fresh && <SignInAgain me={me} path="/settings/password" text={t('signInAgainForgotten')} refused={refused} />}
    </>
  )
}
