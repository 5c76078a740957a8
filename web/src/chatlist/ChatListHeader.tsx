import { CheckCheck, FolderSync, MessageSquarePlus, Plus, Users } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { openDialog } from '@/app/dialogs'
import { keysOf } from '@/app/keys/shortcuts'
import { pathOf } from '@/app/paths'
import { chatKey, fileTransfer } from '@/state/model'
import { actions } from '@/state/store'
import { IconButton } from '@/ui/IconButton'
import { Menu } from '@/ui/Menu'
import { toast, toastError } from '@/ui/toast'

/** The top of the chat list, with what begins something new. */
export function ChatListHeader() {
  const { t } = useTranslation('chatlist')
  const [, navigate] = useLocation()
  const markAll = (): void => {
    actions()
      .markAllRead()
      .then(() => toast(t('markedAllRead')))
      .catch(toastError)
  }
  return (
    <header className="flex h-14 shrink-0 items-center gap-1 pr-2 pl-4">
      <h1 className="min-w-0 flex-1 truncate text-lg font-semibold">{t('title')}</h1>
      <IconButton icon={MessageSquarePlus} label={t('newChat')} keys={keysOf('new-chat')} onClick={() => openDialog('new-chat')} />
      <Menu
        trigger={<IconButton icon={Plus} label={t('new')} tooltip={false} />}
        entries={[
          { icon: MessageSquarePlus, label: t('newChat'), keys: keysOf('new-chat'), onSelect: () => openDialog('new-chat') },
          { icon: Users, label: t('newGroup'), onSelect: () => openDialog('new-group') },
          { icon: FolderSync, label: t('myDevices'), onSelect: () => navigate(pathOf(chatKey(1, fileTransfer))) },
          null,
          { icon: CheckCheck, label: t('markAllRead'), keys: keysOf('mark-all-read'), onSelect: markAll },
        ]}
      />
    </header>
  )
}
