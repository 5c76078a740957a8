import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { serverConfig, type ServerConfig } from '@/api/config'
import { providerAddress } from '@/api/signin'
import { withBase } from '@/app/base'
import { forgetHandedSecret } from '@/app/handedSecret'
import { forgetSecondStep, pendingSecondStep } from '@/app/secondStep'
import { pendingSignInAgain } from '@/app/signInAgain'
import { loadTexts } from '@/i18n'
import { Button } from '@/ui/Button'
import { Spinner } from '@/ui/Spinner'
import { CodeForm } from './CodeForm'
import { KnownAccounts } from './KnownAccounts'
import { PasswordForm } from './PasswordForm'
import { providerError } from './providerError'
import { useHanded } from './useHanded'
import { useSignIn, type Outcome } from './useSignIn'

/** Where a link leads after the sign-in. */
const pathsOfNext: Readonly<Record<string, string>> = { password: '/settings/password', joined: '/' }

/** How long after a failure the server is asked again, milliseconds. */
const interval = 3000

// The second step is loaded by those who have one.
const CodeStep = lazy(() => loadTexts('twoFactor').then(() => import('@/twofactor/CodeStep')))
const SetUpStep = lazy(() => loadTexts('twoFactor').then(() => import('@/twofactor/SetUpStep')))
const LinkByMail = lazy(() => loadTexts('linkByMail').then(() => import('./LinkByMail')))

interface Props {
  /** The session of this tab has just ended. */
  ended?: boolean
  onSignedIn: (to?: string) => void
}

/** All the ways to sign in that the server offers. A link with a code signs in by itself. */
export default function SignInPage({ ended, onSignedIn }: Props) {
  const { t } = useTranslation('signin')
  const handed = useHanded()
  const [again] = useState(pendingSignInAgain)
  const [step, setStep] = useState(pendingSecondStep)
  const [stepExpired, setStepExpired] = useState(false)
  const [codeTaken, setCodeTaken] = useState('') // a code in the address that was exchanged for a second step
  const onSecondStep = (): void => {
    setStepExpired(false)
    setStep(pendingSecondStep())
  }
  const whenSignedIn = (): void => {
    if (handed.next === 'joined') forgetHandedSecret('invite')
    onSignedIn(handed.next === undefined ? undefined : pathsOfNext[handed.next])
  }
  const link = useSignIn({
    onSignedIn: whenSignedIn,
    onSecondStep: () => {
      setCodeTaken(handed.code ?? '')
      onSecondStep()
    },
  })
  const endStep = (expired: boolean): void => {
    forgetSecondStep()
    setStepExpired(expired)
    setStep(null)
  }
  const failed = link.error || (stepExpired && t('failed.expired')) || (handed.error ? providerError(handed.error, t) : '')
  const config = useQuery({
    queryKey: ['config'],
    queryFn: serverConfig,
    staleTime: Number.POSITIVE_INFINITY,
    networkMode: 'always', // what the browser thinks of the network does not matter to a server on this machine
    refetchInterval: ({ state }) => state.data === undefined && state.errorUpdateCount > 0 && interval,
  })
  // A further attempt takes the error away, but not the sentence.
  const unreachable = config.data === undefined && config.errorUpdateCount > 0

  const used = useRef('')
  useEffect(() => {
    if (!handed.code || used.current === handed.code) return
    used.current = handed.code // a code is good once
    void link.withCode(handed.code)
  }, [handed, link])
  const unanswered = handed.code !== undefined && link.unanswered && !link.busy
  useEffect(() => {
    if (!unanswered) return
    const timer = setTimeout(() => void link.withCode(handed.code!), interval)
    return () => clearTimeout(timer)
    // oxlint-disable-next-line react/exhaustive-deps -- the attempt is another function each time
  }, [unanswered, handed])

  const waiting = link.busy || (handed.code !== undefined && handed.code !== codeTaken && (!link.error || link.unanswered))
  return (
    <main className="flex h-full flex-col items-center overflow-y-auto bg-sunken p-4">
      <div className="my-auto flex w-full max-w-sm flex-col gap-4 rounded-2xl border border-line bg-raised p-6 shadow-sm sm:p-8">
        <img src={withBase('/icon.svg')} alt="" className="mx-auto size-14" />
        <h1 className="text-center text-xl font-semibold">{t('title', { server: config.data?.server.name ?? 'parley' })}</h1>
        {ended && !failed && (
          <p role="status" className="text-center text-sm text-muted">
            {t('signedOut')}
          </p>
        )}
        {failed && (
          <p role="alert" className="rounded-lg border border-danger px-3 py-2 text-sm text-danger">
            {failed}
          </p>
        )}
        {step && !waiting ? (
          <Suspense fallback={<Spinner className="mx-auto size-5" />}>
            {step.setUp ? (
              <SetUpStep ticket={step.ticket} server={config.data?.server.name ?? 'parley'} onSignedIn={whenSignedIn} onBack={endStep} />
            ) : (
              <CodeStep ticket={step.ticket} onSignedIn={whenSignedIn} onBack={endStep} />
            )}
          </Suspense>
        ) : waiting ? (
          <p role="status" className="flex items-center justify-center gap-3 py-6">
            <Spinner /> {t('signingIn')}
          </p>
        ) : (
          <>
            {again ? <p className="text-center text-sm text-muted">{t('again')}</p> : <KnownAccounts onChosen={() => onSignedIn()} />}
            {config.data && <Ways config={config.data} email={again?.email} onSignedIn={() => onSignedIn()} onSecondStep={onSecondStep} />}
            {again && (
              <Button kind="link" className="self-center text-sm" onClick={() => onSignedIn()}>
                {t('cancelAgain')}
              </Button>
            )}
            {unreachable && (
              <div role="alert" className="flex flex-col items-center gap-3 text-danger">
                {t('unreachable')}
                <Button onClick={() => void config.refetch()}>{t('retry')}</Button>
              </div>
            )}
          </>
        )}
      </div>
    </main>
  )
}

function Ways({ config: { signIn, setUp }, email, ...outcome }: { config: ServerConfig; email: string | undefined } & Outcome) {
  const { t } = useTranslation('signin')
  const others = signIn.password || signIn.mail || signIn.oidc.length > 0
  return (
    <section aria-label={t('ways')} className="flex flex-col gap-4">
      {signIn.password && <PasswordForm email={email} {...outcome} />}
      {signIn.password && signIn.oidc.length > 0 && <p className="text-center text-sm text-muted">{t('or')}</p>}
      {signIn.oidc.map((provider) => (
        <Button key={provider.id} size="large" onClick={() => location.assign(providerAddress(provider.id))}>
          {t('with', { name: provider.name })}
        </Button>
      ))}
      {!others && <p className="text-center text-sm text-muted">{t(setUp ? 'notSetUp' : 'nothing')}</p>}
      {signIn.mail && (
        <Suspense>
          <LinkByMail password={signIn.password} />
        </Suspense>
      )}
      {signIn.code && <CodeForm folded={others} {...outcome} />}
    </section>
  )
}
