import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { checkEmailChange, confirmEmailChange } from '@/api/emailChange'
import { ApiError } from '@/api/http'
import { forgetHandedSecret, useHandedSecret } from '@/app/handedSecret'
import { refusal } from '@/lib/refusal'
import { Button } from '@/ui/Button'
import { EntryPage } from '@/ui/EntryPage'
import { Spinner } from '@/ui/Spinner'
import type { EmailChange } from '@/wire/api.gen'

/** The page of a link that confirms a new e-mail address. It needs a button, because programs that examine mail open links. */
export default function ConfirmEmailPage({ onGoOn }: { onGoOn: () => void }) {
  const { t } = useTranslation('confirmEmail')
  const secret = useHandedSecret('confirm-email')
  const open = useQuery({ queryKey: ['confirm-email', secret], queryFn: () => checkEmailChange(secret), staleTime: Number.POSITIVE_INFINITY })
  return (
    <EntryPage title={t('title')}>
      {open.isPending && (
        <p role="status" className="flex items-center justify-center gap-3 py-6">
          <Spinner /> {t('checking')}
        </p>
      )}
      {open.isError && <Refused error={open.error} again={() => void open.refetch()} onGoOn={onGoOn} />}
      {open.data && <Confirm secret={secret} change={open.data} onGoOn={onGoOn} />}
    </EntryPage>
  )
}

/** Whether another attempt is of no use. */
const isInvalid = (error: unknown): boolean => error instanceof ApiError && error.status === 403

function Refused({ error, again, onGoOn }: { error: Error; again: () => void; onGoOn: () => void }) {
  const { t } = useTranslation('confirmEmail')
  const invalid = isInvalid(error)
  return (
    <div role="alert" className="flex flex-col items-center gap-4 text-center">
      <p>{invalid ? t('invalid') : refusal(error)}</p>
      {invalid ? <Button onClick={onGoOn}>{t('goOn')}</Button> : <Button onClick={again}>{t('retry')}</Button>}
    </div>
  )
}

function Confirm({ secret, change, onGoOn }: { secret: string; change: EmailChange; onGoOn: () => void }) {
  const { t } = useTranslation('confirmEmail')
  const [busy, setBusy] = useState(false)
  const [done, setDone] = useState(false)
  const [problem, setProblem] = useState('')
  const confirm = async (): Promise<void> => {
    setBusy(true)
    setProblem('')
    try {
      await confirmEmailChange(secret)
      forgetHandedSecret('confirm-email')
      setDone(true)
    } catch (error) {
      const taken = error instanceof ApiError && error.fields.email !== undefined
      setProblem(taken ? t('taken') : isInvalid(error) ? t('invalid') : refusal(error))
    }
    setBusy(false)
  }
  return (
    <>
      <p role="status" dir="auto" className="text-center text-sm text-muted">
        {t(done ? 'done' : 'text', { name: change.name })}
      </p>
      <p dir="auto" className="text-center font-medium break-words">
        {change.email}
      </p>
      <p className="text-center text-sm text-muted">{t(done ? 'ended' : 'ends')}</p>
      {problem && (
        <p role="alert" className="text-sm text-danger">
          {problem}
        </p>
      )}
      <Button kind="primary" size="large" busy={busy} onClick={() => (done ? onGoOn() : void confirm())}>
        {t(done ? 'goOn' : 'confirm')}
      </Button>
    </>
  )
}
