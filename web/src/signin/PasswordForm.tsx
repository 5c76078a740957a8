import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/Button'
import { TextField } from '@/ui/TextField'
import { useSignIn, type Outcome } from './useSignIn'

export function PasswordForm({ email: known = '', ...outcome }: { email?: string | undefined } & Outcome) {
  const { t } = useTranslation('signin')
  const { busy, error, withPassword } = useSignIn(outcome)
  const [email, setEmail] = useState(known)
  const [password, setPassword] = useState('')
  const [missing, setMissing] = useState<{ email?: string; password?: string }>({})

  const submit = (e: SubmitEvent): void => {
    e.preventDefault()
    const absent = { ...(!email.trim() && { email: t('emailMissing') }), ...(!password && { password: t('passwordMissing') }) }
    setMissing(absent)
    if (!absent.email && !absent.password) void withPassword(email.trim(), password)
  }

  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-3">
      <TextField label={t('email')} type="email" name="email" autoComplete="username" value={email} onValueChange={setEmail} error={missing.email} />
      <TextField
        label={t('password')}
        type="password"
        name="password"
        autoComplete="current-password"
        value={password}
        onValueChange={setPassword}
        error={missing.password}
      />
      {error && (
        <p role="alert" className="text-sm text-danger">
          {error}
        </p>
      )}
      <Button type="submit" kind="primary" size="large" busy={busy}>
        {t('signIn')}
      </Button>
    </form>
  )
}
