import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '@/api/http'
import { signInWithCode, signInWithPassword, type SignIn } from '@/api/signin'
import { keepSignIn } from '@/app/accounts'
import { refusal } from '@/lib/refusal'

interface Attempt {
  busy: boolean
  error: string
  withCode(code: string): Promise<void>
  withPassword(email: string, password: string): Promise<void>
}

/** Signs in and keeps the sign-in in this browser; `done` is called when the tab may show the account. */
export function useSignIn(done: () => void): Attempt {
  const { t } = useTranslation('signin')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')

  const attempt = async (ask: Promise<SignIn>, wrong: string): Promise<void> => {
    setBusy(true)
    setError('')
    try {
      const { token, sessionId, expiresAt, account } = await ask
      keepSignIn({ token, sessionId, expiresAt: expiresAt ?? 0, account: { id: account.id, name: account.name, avatar: account.avatar } })
      done()
    } catch (e) {
      setBusy(false)
      setError(words(e, wrong))
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
    withCode: (code) => attempt(signInWithCode(code), t('failed.code')),
    withPassword: (email, password) => attempt(signInWithPassword(email, password), t('failed.password')),
  }
}
