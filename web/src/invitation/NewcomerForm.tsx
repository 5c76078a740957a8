import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { ApiError } from '@/api/http'
import { acceptInvitation, type OpenInvitation } from '@/api/invitation'
import { keepAnswer } from '@/app/keepAnswer'
import { refusal } from '@/lib/refusal'
import { Button } from '@/ui/Button'
import { TextField } from '@/ui/TextField'

type Field = 'name' | 'email' | 'password'

interface Props {
  secret: string
  invitation: OpenInvitation
  onSignedIn: () => void
}

/** Makes an account for somebody who has none. */
export function NewcomerForm({ secret, invitation, onSignedIn }: Props) {
  const { t } = useTranslation('invitation')
  const [, navigate] = useLocation()
  const [values, setValues] = useState<Record<Field, string>>({ name: '', email: invitation.email ?? '', password: '' })
  const [problems, setProblems] = useState<Partial<Record<Field | 'form', string>>>({})
  const [busy, setBusy] = useState(false)
  const { passwords, minPassword, domain } = invitation

  const check = (): typeof problems => ({
    ...(!values.name.trim() && { name: t('nameMissing') }),
    ...((passwords || domain) && !values.email.trim() && { email: t('emailMissing') }),
    ...(passwords && Array.from(values.password).length < minPassword && { password: t('passwordTooShort', { count: minPassword }) }),
  })
  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    const found = check()
    setProblems(found)
    if (Object.keys(found).length > 0) return
    setBusy(true)
    try {
      const { name, email, password } = values
      keepAnswer(await acceptInvitation({ secret, name, email, ...(passwords && { password }) }))
      onSignedIn()
    } catch (error) {
      const taken = error instanceof ApiError && error.message.includes('email is that of an account')
      setProblems(taken ? { email: t('emailTaken') } : { form: refusal(error) })
      setBusy(false)
    }
  }
  const field = (name: Field, type: string, autoComplete: string, hint: string) => (
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
      {field('name', 'text', 'name', '')}
      {field('email', 'email', 'username', domain ? t('emailDomain', { domain }) : '')}
      {passwords && field('password', 'password', 'new-password', t('passwordTooShort', { count: minPassword }))}
      {problems.form && (
        <p role="alert" className="text-sm text-danger">
          {problems.form}
        </p>
      )}
      <Button type="submit" kind="primary" size="large" busy={busy}>
        {t('submit')}
      </Button>
      <Button kind="link" className="self-center text-sm" onClick={() => navigate('/sign-in')}>
        {t('haveAccount')}
      </Button>
    </form>
  )
}
