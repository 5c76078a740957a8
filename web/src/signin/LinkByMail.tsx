import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { mailSignInLink } from '@/api/signin'
import { refusal } from '@/lib/refusal'
import { Button } from '@/ui/Button'
import { TextField } from '@/ui/TextField'

/** Sends a sign-in link to somebody who has forgotten the password or has none. */
export default function LinkByMail({ password }: { password: boolean }) {
  const { t } = useTranslation('linkByMail')
  const [open, setOpen] = useState(!password)
  const [email, setEmail] = useState('')
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const [sent, setSent] = useState(false)

  if (!open) {
    return (
      <Button kind="link" className="self-center text-sm" onClick={() => setOpen(true)}>
        {t('forgotten')}
      </Button>
    )
  }
  if (sent) {
    return (
      <p role="status" className="text-center text-sm">
        {t('sent', { email: email.trim() })}
      </p>
    )
  }
  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    setProblem(email.trim() ? '' : t('emailMissing'))
    if (!email.trim()) return
    setBusy(true)
    try {
      await mailSignInLink(email.trim())
      setSent(true)
    } catch (error) {
      setProblem(refusal(error))
    }
    setBusy(false)
  }
  return (
    <form noValidate onSubmit={(e) => void submit(e)} className="flex flex-col gap-3">
      <TextField
        label={t('email')}
        hint={t('hint')}
        type="email"
        autoComplete="username"
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- it appears because its button was pressed
        autoFocus={password}
        value={email}
        onValueChange={setEmail}
        error={problem}
      />
      <Button type="submit" kind={password ? 'plain' : 'primary'} size="large" busy={busy}>
        {t('send')}
      </Button>
    </form>
  )
}
