import { lazy, Suspense, type ComponentType } from 'react'
import { closeDialog, openDialog, useDialog, type DialogName } from '@/app/dialogs'

type DialogProps = { open: boolean; onOpenChange: (open: boolean) => void }

const dialogs: Readonly<Record<DialogName, ComponentType<DialogProps>>> = {
  switcher: lazy(() => import('@/search/Switcher')),
  help: lazy(() => import('@/app/keys/HelpSheet')),
  'new-chat': lazy(() => import('@/people/NewChatDialog')),
  'new-group': lazy(() => import('@/group/NewGroupDialog')),
  'sign-out': lazy(() => import('./SignOutDialog')),
}

/** The dialog that was asked for from anywhere. */
export function GlobalDialogs() {
  const name = useDialog()
  if (name === null) return null
  const Content = dialogs[name]
  return (
    <Suspense>
      <Content open onOpenChange={(open) => (open ? openDialog(name) : closeDialog())} />
    </Suspense>
  )
}
