import { loadTexts } from '@/i18n'
import type { ComponentType } from 'react'
import { closeDialog, openDialog, useDialog, type DialogName } from '@/app/dialogs'
import { onDemand } from '@/ui/onDemand'

type DialogProps = { open: boolean; onOpenChange: (open: boolean) => void }

const dialogs: Readonly<Record<DialogName, ComponentType<DialogProps>>> = {
  switcher: onDemand<DialogProps>(() => loadTexts('search').then(() => import('@/search/Switcher'))),
  help: onDemand<DialogProps>(() => loadTexts('keys').then(() => import('@/app/keys/HelpSheet'))),
  'new-chat': onDemand<DialogProps>(() => import('@/people/NewChatDialog')),
  'new-group': onDemand<DialogProps>(() => import('@/group/NewGroupDialog')),
  status: onDemand<DialogProps>(() => Promise.all([loadTexts('availability'), loadTexts('composer')]).then(() => import('@/people/StatusDialog'))),
  'sign-out': onDemand<DialogProps>(() => import('./SignOutDialog')),
}

/** The dialog that was asked for from anywhere. */
export function GlobalDialogs() {
  const name = useDialog()
  if (name === null) return null
  const Content = dialogs[name]
  return <Content open onOpenChange={(open) => (open ? openDialog(name) : closeDialog())} />
}
