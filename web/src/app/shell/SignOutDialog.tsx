import { useTranslation } from 'react-i18next'
import { question } from '@/app/signOut'
import { actions, useStore } from '@/state/store'
import ConfirmWindow from '@/ui/ConfirmWindow'

interface Props {
  open: boolean
  onOpenChange: (open: boolean) => void
}

/** Offers to sign out on this device while the server cannot be reached. */
export default function SignOutDialog({ open, onOpenChange }: Props) {
  const { t } = useTranslation('shell')
  const conversations = useStore((s) => s.conversations)
  const { title, text } = question({ conversations })
  return <ConfirmWindow open={open} onOpenChange={onOpenChange} title={title} text={text} confirm={t('signOut')} danger onConfirm={() => actions().signOutHere()} />
}
