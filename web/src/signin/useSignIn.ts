import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { signInWithCode, signInWithPassword, type SignIn } from '@/api/signin'
import { ApiError } from '@/api/http'
import { refusal } from '@/lib/refusal'
import { accept } from './accept'

interface Attempt {
  busy: boolean
  error: string
  /** No answer came. */
  unanswered: boolean
  withCode(code: string): Promise<void>
  withPassword(email: string, password: string): Promise<void>
}

/** What follows an attempt to sign in. */
export interface Outcome {
  /** The tab may show the account. */
  onSignedIn: () => void
  /** The sign-in needs a second step, which is kept for the tab. */
  onSecondStep: () => void
}

/** Signs in and keeps the sign-in in this browser. */
export function useSignIn({ onSignedIn, onSecondStep }: Outcome): Attempt {
  const { t } = useTranslation('signin')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const [unanswered, setUnanswered] = useState(false)

  const attempt = async (ask: Promise<SignIn>, wrong: string): Promise<void> => {
    setBusy(true)
    if (!unanswered) setError('')
    try {
      if (await accept(await ask)) return onSignedIn()
      setBusy(false)
      setUnanswered(false)
      onSecondStep()
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
