import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { ApiError } from '@/api/http'
import { checkSetUp } from '@/api/setup'
import { forgetHandedSecret, useHandedSecret } from '@/app/handedSecret'
import { keepAnswer } from '@/app/keepAnswer'
import { fullTime } from '@/lib/time'
import { Button } from '@/ui/Button'
import { CopyButton } from '@/ui/CopyButton'
import { EntryPage } from '@/ui/EntryPage'
import { Spinner } from '@/ui/Spinner'
import type { Installed } from '@/wire/api.gen'
import { SetUpForm } from './SetUpForm'

/** The first page of a server without people. Its link has a secret that works once. */
export default function SetUpPage({ onSignedIn }: { onSignedIn: () => void }) {
  const { t } = useTranslation('setup')
  const [, navigate] = useLocation()
  const secret = useHandedSecret('set-up')
  const [done, setDone] = useState<Installed | null>(null)
  const open = useQuery({ queryKey: ['set-up', secret], queryFn: () => checkSetUp(secret), staleTime: Number.POSITIVE_INFINITY })

  const installed = (answer: Installed): void => {
    forgetHandedSecret('set-up')
    const complete = keepAnswer(answer.signIn)
    if (answer.link) setDone(answer)
    else goOn(complete)
  }
  const goOn = (complete: boolean): void => (complete ? onSignedIn() : navigate('/sign-in', { replace: true }))
  if (done) return <NextSignIn done={done} onGoOn={() => goOn(!done.signIn.twoFactor)} />
  return (
    <EntryPage title={t('title')}>
      {open.isPending && (
        <p role="status" className="flex items-center justify-center gap-3 py-6">
          <Spinner /> {t('checking')}
        </p>
      )}
      {open.isError && <Refused error={open.error} again={() => void open.refetch()} />}
      {open.data && <SetUpForm secret={secret} open={open.data} onInstalled={installed} />}
    </EntryPage>
  )
}

function Refused({ error, again }: { error: Error; again: () => void }) {
  const { t } = useTranslation(['setup', 'signin'])
  const [, navigate] = useLocation()
  const status = error instanceof ApiError ? error.status : 0
  const text = status === 404 ? t('over') : status === 403 ? t('invalid') : t('signin:unreachable')
  return (
    <div role="alert" className="flex flex-col items-center gap-4 text-center">
      <p>{text}</p>
      {status === 404 ? (
        <Button kind="primary" onClick={() => navigate('/sign-in', { replace: true })}>
          {t('toSignIn')}
        </Button>
      ) : (
        <Button onClick={again}>{t('retry')}</Button>
      )}
    </div>
  )
}

/** A person without a password needs a link for the next device. */
function NextSignIn({ done, onGoOn }: { done: Installed; onGoOn: () => void }) {
  const { t, i18n } = useTranslation('setup')
  return (
    <EntryPage title={t('done', { organization: done.organization })}>
      <p className="text-sm text-muted">{t('linkHint', { date: fullTime(done.linkExpiresAt ?? 0, i18n.language) })}</p>
      <p className="rounded-lg border border-line bg-sunken p-3 text-sm break-all select-text">{done.link}</p>
      <CopyButton text={done.link ?? ''} label={t('copy')} copied={t('copied')} />
      <Button kind="primary" size="large" onClick={onGoOn}>
        {t('goOn')}
      </Button>
    </EntryPage>
  )
}
