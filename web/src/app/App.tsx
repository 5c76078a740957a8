import { CSPProvider } from '@base-ui/react/csp-provider'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { lazy, Suspense, useRef, useState } from 'react'
import { Router, useLocation } from 'wouter'
import { Toasts } from '@/ui/toast'
import { Tooltips } from '@/ui/Tooltip'
import { loadTexts } from '@/i18n'
import { ErrorBoundary } from './ErrorBoundary'
import { tabAccount } from './accounts'
import { base, withBase } from './base'
import { pathAfterSignIn } from './signInAgain'

const SignInPage = lazy(() => import('@/signin/SignInPage'))
const SetUpPage = lazy(() => loadTexts('setup').then(() => import('@/setup/SetUpPage')))
const InvitationPage = lazy(() => loadTexts('invitation').then(() => import('@/invitation/InvitationPage')))
const ConfirmEmailPage = lazy(() => loadTexts('confirmEmail').then(() => import('@/signin/ConfirmEmailPage')))
const SignedIn = lazy(() => import('./SignedIn'))

// The requests themselves are repeated where that makes sense, by api/http.ts.
const queries = new QueryClient({
  defaultOptions: { queries: { retry: false, staleTime: 30_000, refetchOnWindowFocus: false }, mutations: { retry: false } },
})

export function App() {
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queries}>
        <ErrorBoundary>
          <Suspense>
            <Router base={base}>
              <Page />
            </Router>
          </Suspense>
        </ErrorBoundary>
        <Toasts />
        <Tooltips />
      </QueryClientProvider>
    </CSPProvider>
  )
}

/** Either somebody is signed in, and has everything, or nobody is, and has to sign in whatever the address says. */
function Page() {
  const [path, navigate] = useLocation()
  const [account, setAccount] = useState(tabAccount)
  const lived = useRef(false)
  const signingIn = path === '/sign-in'

  const signedIn = (to = signingIn ? pathAfterSignIn() : path): void => {
    // A page has one session in its life, so that nothing of one account can show up with another.
    if (lived.current) return location.replace(withBase(to))
    navigate(to, { replace: true })
    setAccount(tabAccount())
  }
  if (path === '/set-up') return <SetUpPage onSignedIn={() => signedIn('/settings/invitations')} />
  if (path === '/invite') return <InvitationPage onSignedIn={() => signedIn('/')} />
  if (path === '/confirm-email') return <ConfirmEmailPage onGoOn={() => signedIn('/')} />
  if (!account || signingIn) return <SignInPage onSignedIn={signedIn} />
  return (
    <SignedIn
      account={account}
      onStarted={() => {
        lived.current = true
      }}
      onSignedIn={() => signedIn()}
    />
  )
}
