import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { signInWithCode, signInWithPassword, type SignIn } from '@/api/signin'
import { serverConfig } from '@/api/config'
import { ApiError, authorize } from '@/api/http'
import { endSession } from '@/api/session'
import { signedIn } from '@/app/accounts'
import { keepAnswer } from '@/app/keepAnswer'
import { pendingSignInAgain } from '@/app/signInAgain'
import { endPendingSessions } from '@/app/signOutLater'
import { refusal } from '@/lib/refusal'

interface Attempt {
  busy: boolean
  error: string
  /** No answer came. */
  unanswered: boolean
  withCode(code: string): Promise<void>
  withPassword(email: string, password: string): Promise<void>
}

/** Signs in and keeps the sign-in in this browser; `done` is called when the tab may show the account. */
export function useSignIn(done: () => void): Attempt {
  const { t } = useTranslation('signin')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const [unanswered, setUnanswered] = useState(false)

  const attempt = async (ask: Promise<SignIn>, wrong: string): Promise<void> => {
    setBusy(true)
    if (!unanswered) setError('')
    try {
      const answer = await ask
      const { token, account } = answer
      const again = pendingSignInAgain()?.account === account.id
      const replaced = again ? signedIn().find((s) => s.account.id === account.id) : undefined
      keepAnswer(answer)
      if (replaced) await endReplaced(replaced.sessionId, token)
      await endPendingSessions() // what follows may load the page anew
      done()
    } catch (e) {
      setBusy(false)
      setError(words(e, wrong))
      setUnanswered(e instanceof TypeError)
    }
  }

  const words = (e: unknown, wrong: string): string => {
    if (!(e instanceof ApiError)) return refusal(e)
    if (e.status === 429) return t('failed.tooMany')
    return e.status >= 500 ? refusal(e) : wrong
  }

  return {
    busy,
    error,
    unanswered,
    withCode: (code) => attempt(signInWithCode(code), t('failed.code')),
    withPassword: (email, password) => attempt(signInWithPassword(email, password), t('failed.password')),
  }
}

/** Ends the session that a new sign-in in this browser has replaced. If that fails, it stays in the list of devices. */
async function endReplaced(sessionId: string, token: string): Promise<void> {
  authorize({ token, server: serverConfig })
  try {
    await endSession(sessionId)
  } catch {
    // The sign-in itself has succeeded.
  } finally {
    authorize(null)
  }
}
