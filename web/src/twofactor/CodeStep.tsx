import { useRef, useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '@/api/http'
import { signInWithTwoFactor } from '@/api/twofactor'
import { refusal } from '@/lib/refusal'
import { accept } from '@/signin/accept'
import { Button } from '@/ui/Button'
import { TextField } from '@/ui/TextField'
import { CodeField, digitsOf, isAppCode } from './CodeField'

export interface StepProps {
  ticket: string
  onSignedIn: () => void
  /** Called if the person cancels or the ticket has expired. */
  onBack: (expired: boolean) => void
}

/** The second step of a sign-in: a code of the app, or a recovery code. */
export default function CodeStep({ ticket, onSignedIn, onBack }: StepProps) {
  const { t } = useTranslation('twoFactor')
  const [recovery, setRecovery] = useState(false)
  const [code, setCode] = useState('')
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const field = useRef<HTMLInputElement>(null)

  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    const missing = recovery ? !code.trim() && t('recoveryMissing') : !isAppCode(code) && t('codeMissing')
    setProblem(missing || '')
    if (missing) return field.current?.focus()
    setBusy(true)
    try {
      if (await accept(await signInWithTwoFactor(ticket, recovery ? code.trim() : digitsOf(code)))) return onSignedIn()
    } catch (error) {
      setBusy(false)
      if (error instanceof ApiError && error.message === 'sign-in expired') return onBack(true)
      setProblem(error instanceof ApiError && error.status === 429 ? t('wait') : refusal(error))
      setCode('')
      field.current?.focus()
    }
  }
  const change = (): void => {
    setRecovery(!recovery)
    setCode('')
    setProblem('')
  }
  return (
    <form noValidate aria-label={t('title')} onSubmit={(e) => void submit(e)} className="flex flex-col gap-4">
      {recovery ? (
        <TextField
          ref={field}
          label={t('recoveryCode')}
          hint={t('recoveryHint')}
          name="recovery"
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- it appears because a button was pressed
          autoFocus
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={64}
          value={code}
          onValueChange={setCode}
          {...(problem && { error: problem })}
        />
      ) : (
        <CodeField focused ref={field} value={code} onValueChange={setCode} error={problem} />
      )}
      {/* An error of a field is read with the field; this one is read at once. */}
      <p role="alert" className="sr-only">
        {problem}
      </p>
      <Button type="submit" kind="primary" size="large" busy={busy}>
        {t('goOn')}
      </Button>
      <Button kind="link" className="self-center text-sm" onClick={change}>
        {t(recovery ? 'useApp' : 'useRecovery')}
      </Button>
      {recovery && <p className="text-center text-sm text-muted">{t('lost')}</p>}
      <Button kind="link" className="self-center text-sm" onClick={() => onBack(false)}>
        {t('back')}
      </Button>
    </form>
  )
}
