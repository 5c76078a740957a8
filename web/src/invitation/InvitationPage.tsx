import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { serverConfig } from '@/api/config'
import { ApiError, authorize } from '@/api/http'
import { joinByInvitation, openInvitation, type OpenInvitation } from '@/api/invitation'
import { tabAccount, type SignedIn } from '@/app/accounts'
import { forgetHandedSecret, useHandedSecret } from '@/app/handedSecret'
import { refusal } from '@/lib/refusal'
import { useServerConfig } from '@/settings/useServerConfig'
import { readFragment } from '@/signin/fragment'
import { providerError } from '@/signin/providerError'
import { Button } from '@/ui/Button'
import { EntryPage } from '@/ui/EntryPage'
import { Spinner } from '@/ui/Spinner'
import { NewcomerForm } from './NewcomerForm'
import { ProviderButtons } from './ProviderButtons'

/** The page of an invitation's link: makes an account, or adds the one that is signed in. */
export default function InvitationPage({ onSignedIn }: { onSignedIn: () => void }) {
  const { t } = useTranslation('invitation')
  const [refused] = useState(() => readFragment(location.hash).error)
  const [reason] = useState(() => new URLSearchParams(location.hash.slice(1)).get('reason'))
  const secret = useHandedSecret('invite')
  const providers = useServerConfig()?.signIn.oidc ?? []
  const [account] = useState(tabAccount)
  const [another, setAnother] = useState(false)
  const open = useQuery({ queryKey: ['invitation', secret], queryFn: () => openInvitation(secret), staleTime: Number.POSITIVE_INFINITY })
  const done = (): void => {
    forgetHandedSecret('invite')
    onSignedIn()
  }
  if (open.isPending) {
    return (
      <EntryPage title={t('heading')}>
        <p role="status" className="flex items-center justify-center gap-3 py-6">
          <Spinner /> {t('checking')}
        </p>
      </EntryPage>
    )
  }
  if (open.isError) return <Invalid error={open.error} again={() => void open.refetch()} />
  const invitation = open.data
  return (
    <EntryPage title={t('title', { organization: invitation.organization })}>
      <Terms invitation={invitation} />
      {refused && <Refused error={refused} reason={reason} invitation={invitation} />}
      {account && !another ? (
        <Join account={account} secret={secret} onJoined={done} onAnother={() => setAnother(true)} />
      ) : (
        <>
          {providers.length > 0 && <ProviderButtons secret={secret} providers={providers} />}
          <NewcomerForm secret={secret} invitation={invitation} onSignedIn={done} />
        </>
      )}
    </EntryPage>
  )
}

function Terms({ invitation: { inviter, groups, guest } }: { invitation: OpenInvitation }) {
  const { t } = useTranslation('invitation')
  return (
    <div className="flex flex-col gap-2 text-center text-sm text-muted">
      {inviter && <p dir="auto">{t('by', { name: inviter })}</p>}
      {guest && <p>{t('guest')}</p>}
      {groups.length > 0 && (
        <>
          <p>{t('groups')}</p>
          <ul className="flex flex-wrap justify-center gap-1">
            {groups.map((name) => (
              <li key={name} dir="auto" className="rounded-full border border-line px-2 text-text">
                {name}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

/** The reason why a sign-in with a provider did not accept the invitation. */
function Refused({ error, reason, invitation: { domain = '' } }: { error: string; reason: string | null; invitation: OpenInvitation }) {
  const { t } = useTranslation('invitation')
  const { t: signIn } = useTranslation('signin')
  const words = (): string => {
    switch (reason) {
      case 'email-taken':
        return t('emailTaken')
      case 'email-unverified':
        return t('emailUnverified', { domain })
      case 'email-domain':
        return t('emailElsewhere', { domain })
      default:
        return error === 'invalid code' ? t('invalid') : providerError(error, signIn)
    }
  }
  return (
    <p role="alert" className="rounded-lg border border-danger px-3 py-2 text-sm text-danger">
      {words()}
    </p>
  )
}

function Invalid({ error, again }: { error: Error; again: () => void }) {
  const { t } = useTranslation(['invitation', 'signin'])
  const [, navigate] = useLocation()
  const invalid = error instanceof ApiError && error.status === 403
  return (
    <EntryPage title={t('heading')}>
      <div role="alert" className="flex flex-col items-center gap-4 text-center">
        <p>{invalid ? t('invalid') : refusal(error)}</p>
        {invalid ? <Button onClick={() => navigate('/sign-in', { replace: true })}>{t('toSignIn')}</Button> : <Button onClick={again}>{t('retry')}</Button>}
      </div>
    </EntryPage>
  )
}

interface JoinProps {
  account: SignedIn
  secret: string
  onJoined: () => void
  onAnother: () => void
}

function Join({ account: { account, token }, secret, onJoined, onAnother }: JoinProps) {
  const { t } = useTranslation('invitation')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const join = async (): Promise<void> => {
    setBusy(true)
    setError('')
    authorize({ token, server: serverConfig })
    try {
      await joinByInvitation(secret)
      authorize(null)
      onJoined()
    } catch (e) {
      authorize(null)
      setError(refusal(e))
      setBusy(false)
    }
  }
  return (
    <>
      {error && (
        <p role="alert" className="text-sm text-danger">
          {error}
        </p>
      )}
      <Button kind="primary" size="large" busy={busy} onClick={() => void join()}>
        {t('joinAs', { name: account.name })}
      </Button>
      <Button kind="link" className="self-center text-sm" onClick={onAnother}>
        {t('asAnother')}
      </Button>
    </>
  )
}
