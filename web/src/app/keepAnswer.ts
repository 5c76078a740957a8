import type { SignIn } from '@/api/signin'
import { keepSignIn } from './accounts'
import { forgetSecondStep, keepSecondStep } from './secondStep'

/** Keeps a sign-in as the server has answered it. Reports whether it is complete; otherwise the sign-in page goes on with the second step. */
export function keepAnswer({ token, sessionId, expiresAt, account, twoFactor }: SignIn): boolean {
  if (twoFactor) keepSecondStep(twoFactor)
  if (!token || !sessionId || !account) return false
  forgetSecondStep()
  keepSignIn({ token, sessionId, expiresAt: expiresAt ?? 0, account: { id: account.id, name: account.name, avatar: account.avatar } })
  return true
}
