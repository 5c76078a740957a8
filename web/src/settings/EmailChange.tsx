import { useId, useRef, useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { requestEmailChange } from '@/api/emailChange'
import { ApiError } from '@/api/http'
import { refusal } from '@/lib/refusal'
import type { Me } from '@/state/model'
import { Button } from '@/ui/Button'
import { TextField } from '@/ui/TextField'

type Problems = Partial<Record<'email' | 'current' | 'form', string>>

/** The e-mail address, and a form to ask for another one. A link in a mail to the new address confirms it. */
export function EmailChange({ me }: { me: Me }) {
  const { t } = useTranslation('settings')
  const [open, setOpen] = useState(false)
  const [sent, setSent] = useState('')
  const form = useId()
  const opener = useRef<HTMLButtonElement>(null)
  const done = (email: string): void => {
    setSent(email)
    setOpen(false)
    opener.current?.focus() // the form that had it is gone
  }
  return (
    <>
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="min-w-0 break-words">{me.email}</span>
        <Button
          ref={opener}
          kind="link"
          aria-label={t('emailChange.changeEmail')}
          aria-expanded={open}
          aria-controls={open ? form : undefined}
          onClick={() => setOpen(!open)}
        >
          {t('emailChange.change')}
        </Button>
      </p>
      <p role="status" className={sent && !open ? 'mt-2 text-muted' : 'sr-only'}>
        {sent && !open && t('emailChange.sent', { email: sent })}
      </p>
      {open && <EmailForm id={form} me={me} onSent={done} />}
    </>
  )
}

function EmailForm({ id, me, onSent }: { id: string; me: Me; onSent: (email: string) => void }) {
  const { t } = useTranslation('settings')
  const [email, setEmail] = useState('')
  const [current, setCurrent] = useState('')
  const [problems, setProblems] = useState<Problems>({})
  const [busy, setBusy] = useState(false)
  const address = email.trim()
  const check = (): Problems => ({
    ...(!address && { email: t('emailChange.missing') }),
    ...(address && address === me.email && { email: t('emailChange.same') }),
    ...(!current && { current: t('currentMissing') }),
  })
  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    const found = check()
    setProblems(found)
    if (Object.keys(found).length > 0) return
    setBusy(true)
    try {
      await requestEmailChange(address, current)
      onSent(address)
    } catch (error) {
      setProblems(problemsOf(error))
      setBusy(false)
    }
  }
  const problemsOf = (error: unknown): Problems => {
    if (error instanceof ApiError && error.fields.email) return { email: t('emailChange.invalid') }
    if (error instanceof ApiError && error.message === 'wrong e-mail address or password') return { current: t('currentWrong') }
    return { form: refusal(error) }
  }
  return (
    <form id={id} noValidate onSubmit={(e) => void submit(e)} className="mt-3 flex max-w-sm flex-col gap-3">
      <TextField
        type="email"
        label={t('emailChange.new')}
        hint={t('emailChange.hint')}
        autoComplete="email"
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- it appears because its button was pressed
        autoFocus
        value={email}
        onValueChange={setEmail}
        error={problems.email}
      />
      <TextField
        type="password"
        label={t('emailChange.current')}
        autoComplete="current-password"
        value={current}
        onValueChange={setCurrent}
        error={problems.current}
      />
      {problems.form && (
        <p role="alert" className="text-danger">
          {problems.form}
        </p>
      )}
      <Button type="submit" kind="primary" busy={busy} className="self-start">
        {t('emailChange.send')}
      </Button>
    </form>
  )
}
