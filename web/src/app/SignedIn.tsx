import { useQueryClient } from '@tanstack/react-query'
import { lazy, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import type { MessageKind } from '@/state/model'
import { useStore } from '@/state/store'
import { useFreshConfig } from './useFreshConfig'
import type { SignedIn as Account } from './accounts'
import { loadMediaAgain } from './address'
import { startNotifier } from './notify/notifier'
import { usePageTitle } from './pageTitle'
import { askForUpdate } from './pwa/updates'
import { startSession } from './session'
import { forgetSignInAgain } from './signInAgain'
import { Shell } from './shell/Shell'

const SignInPage = lazy(() => import('@/signin/SignInPage'))

interface Props {
  account: Account
  onStarted: () => void
  /** Somebody has signed in after the session ended. */
  onSignedIn: () => void
}

/** The client for as long as the account's session lasts. */
export default function SignedIn({ account, onStarted, onSignedIn }: Props) {
  const [started, setStarted] = useState(false)
  useEffect(() => {
    const stop = startSession(account)
    forgetSignInAgain()
    onStarted()
    // oxlint-disable-next-line react/set-state-in-effect -- the screens need the actions, which the session has just bound
    setStarted(true)
    return stop
    // oxlint-disable-next-line react/exhaustive-deps -- one session for each account, whoever draws this anew
  }, [account])

  const over = useStore((s) => s.connection === 'signed-out')
  if (!started) return null
  return over ? <SignInPage ended onSignedIn={onSignedIn} /> : <Running account={account.account.id} />
}

function Running({ account }: { account: string }) {
  const { t } = useTranslation(['shell', 'chatlist'])
  const [, navigate] = useLocation()
  usePageTitle()
  const client = useQueryClient()
  const online = useStore((s) => s.connection === 'online')
  useEffect(() => {
    if (!online) return
    askForUpdate()
    // Queries that failed without a connection are repeated.
    loadMediaAgain()
    void client.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' })
  }, [online, client])
  useFreshConfig()
  useEffect(() => {
    const texts = {
      hidden: () => t('newMessage'),
      kind: (kind: MessageKind) => (kind === 'text' || kind === 'system' ? '' : t(`chatlist:kind.${kind}`)),
      shaken: (name: string) => t('shaken', { name }),
      mentioned: (name: string, chat: string) => t('mentioned', { name, chat }),
      open: () => t('openChat'),
    }
    return startNotifier(account, texts, navigate)
  }, [account, t, navigate])
  return <Shell />
}
