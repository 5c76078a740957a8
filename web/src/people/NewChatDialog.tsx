import { FolderSync, UserPlus, Users } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fileTransfer } from '@/state/model'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { openDialog } from '@/app/dialogs'
import { AddFriendDialog } from './AddFriendDialog'
import { PeoplePicker } from './PeoplePicker'
import { useOpenChat } from './useOpenChat'

interface Props {
  open: boolean
  onOpenChange: (open: boolean) => void
}

/** Begins a chat with somebody of the directory. */
export default function NewChatDialog({ open, onOpenChange }: Props) {
  const { t } = useTranslation('people')
  const show = useOpenChat()
  const [adding, setAdding] = useState(false)
  const start = (to: { id: string; name: string; avatar: string }) => {
    onOpenChange(false)
    show(1, to)
  }
  return (
    <>
      <Dialog open={open} onOpenChange={onOpenChange} title={t('newChat')}>
        <div className="flex flex-wrap gap-2 pb-3">
          <Button size="small" onClick={() => openDialog('new-group')}>
            <Users aria-hidden className="size-4" />
            {t('newGroup')}
          </Button>
          <Button size="small" onClick={() => start({ id: fileTransfer, name: t('myDevices'), avatar: '' })}>
            <FolderSync aria-hidden className="size-4" />
            {t('myDevices')}
          </Button>
          <Button
            size="small"
            onClick={() => {
              onOpenChange(false)
              setAdding(true)
            }}
          >
            <UserPlus aria-hidden className="size-4" />
            {t('addFriend')}
          </Button>
        </div>
        <div className="pb-3">
          <PeoplePicker label={t('newChatWith')} onPick={start} />
        </div>
      </Dialog>
      <AddFriendDialog open={adding} onOpenChange={setAdding} />
    </>
  )
}
