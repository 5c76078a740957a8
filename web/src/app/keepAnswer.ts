import type { SignIn } from '@/api/signin'
import { keepSignIn } from './accounts'

/** Keeps a sign-in as the server has answered it. */
export function keepAnswer({ token, sessionId, expiresAt, account }: SignIn): void {
  keepSignIn({ token, sessionId, expiresAt: expiresAt ?? 0, account: { id: account.id, name: account.name, avatar: account.avatar } })
}
