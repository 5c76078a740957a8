import { serverConfig } from '@/api/config'
import { authorize } from '@/api/http'
import { endSession } from '@/api/session'
import type { SignIn } from '@/api/signin'
import { signedIn } from '@/app/accounts'
import { keepAnswer } from '@/app/keepAnswer'
import { pendingSignInAgain } from '@/app/signInAgain'
import { endPendingSessions } from '@/app/signOutLater'

/** Keeps the answer to a sign-in in this browser. Reports whether the tab may show the account; otherwise a second step is needed. */
export async function accept(answer: SignIn): Promise<boolean> {
  const { token, account } = answer
  const again = account && pendingSignInAgain()?.account === account.id
  const replaced = again ? signedIn().find((s) => s.account.id === account.id) : undefined
  if (!keepAnswer(answer) || !token) return false
  if (replaced) await endReplaced(replaced.sessionId, token)
  await endPendingSessions() // what follows may load the page anew
  return true
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
