// The second step of a sign-in whose password was right. It is kept for the tab: a phone may load the page again when
// somebody comes back from the authenticator app.
import type { SecondStep } from '@/wire/api.gen'
import { base } from './base'

const storedUnder = `parley.second${base}`

export function keepSecondStep(step: SecondStep): void {
  sessionStorage.setItem(storedUnder, JSON.stringify(step))
}

/** The step that waits in this tab, or null. */
export function pendingSecondStep(): SecondStep | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(storedUnder) ?? 'null') as Partial<SecondStep> | null
    if (typeof kept?.ticket !== 'string' || typeof kept.setUp !== 'boolean' || typeof kept.expiresAt !== 'number' || kept.expiresAt < Date.now()) return null
    return { ticket: kept.ticket, setUp: kept.setUp, expiresAt: kept.expiresAt }
  } catch {
    return null
  }
}

export function forgetSecondStep(): void {
  sessionStorage.removeItem(storedUnder)
}
