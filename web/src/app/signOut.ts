import i18next from 'i18next'
import { ApiError } from '@/api/http'
import { unsent } from '@/state/outbox'
import { actions, useStore, type State } from '@/state/store'
import { toastError } from '@/ui/toast'
import { openDialog } from './dialogs'

/** Signs the account out. If the server does not answer, asks whether to sign out on this device only. */
export function signOut(): void {
  actions()
    .signOut()
    .catch((error: unknown) => {
      if (error instanceof ApiError && error.status < 500) toastError(error)
      else void ask()
    })
}

async function ask(): Promise<void> {
  try {
    await import('./shell/SignOutDialog')
    openDialog('sign-out')
  } catch {
    // Without a service worker, the code of the dialog cannot be loaded during an outage.
    const { title, text } = question(useStore.getState())
    // oxlint-disable-next-line no-alert -- nothing else can be loaded
    if (confirm(`${title}\n\n${text}`)) actions().signOutHere()
  }
}

/** What is asked before signing out without the server. */
export function question(state: Pick<State, 'conversations'>): { title: string; text: string } {
  const t = i18next.getFixedT(null, 'shell')
  const text = t('signOutHereText')
  const count = unsent(state).length
  return { title: t('signOutHereTitle'), text: count > 0 ? t('signOutUnsent', { text, count }) : text }
}
