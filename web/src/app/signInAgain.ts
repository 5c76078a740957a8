// Signing in again to prove one's identity. The request is kept in sessionStorage, because a provider's sign-in leaves the page.
import { showAccount, tabAccount } from './accounts'
import { base } from './base'

export interface SignInAgain {
  account: string
  email: string
  /** The path within the client to return to. */
  path: string
}

const storedUnder = `parley.again${base}`

/** Notes that this tab signs the account in again; the caller then opens the sign-in page. */
export function beginSignInAgain(request: SignInAgain): void {
  sessionStorage.setItem(storedUnder, JSON.stringify(request))
  // Without this, a tab that never chose an account could return as the one that another tab used last.
  showAccount(request.account)
}

/** The sign-in that this tab has begun, or null. */
export function pendingSignInAgain(): SignInAgain | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(storedUnder) ?? 'null') as Partial<SignInAgain> | null
    if (typeof kept?.account !== 'string' || typeof kept.email !== 'string' || typeof kept.path !== 'string') return null
    return { account: kept.account, email: kept.email, path: kept.path }
  } catch {
    return null
  }
}

export function forgetSignInAgain(): void {
  sessionStorage.removeItem(storedUnder)
}

/** Where the tab goes after a sign-in. Another account than the one that was asked for does not get its page. */
export function pathAfterSignIn(): string {
  const pending = pendingSignInAgain()
  return pending && pending.account === tabAccount()?.account.id ? pending.path : '/'
}
