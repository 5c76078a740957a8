import { Bell, BellOff, CheckCheck, ExternalLink, EyeOff, MessageSquareDot, Pin, PinOff } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { withBase } from '@/app/base'
import { pathOf, shownChat } from '@/app/paths'
import { fileTransfer, type Chat, type ChatKey } from '@/state/model'
import { actions, useStore } from '@/state/store'
import type { MenuEntries } from '@/ui/Menu'
import { toast, toastError } from '@/ui/toast'

/** What can be done with a chat of the list. */
export function useChatMenu(): (key: ChatKey) => MenuEntries {
  const { t } = useTranslation('chatlist')
  const [, navigate] = useLocation()
  return (key) => {
    const chat = useStore.getState().chats[key]
    if (!chat) return []
    const hide = async (): Promise<void> => {
      const open = shownChat() === key
      await actions().hideChat(key)
      if (open) navigate('/')
      if (!chat.left) toast(t('hidden'))
    }
    return [
      canMarkUnread(chat) && { icon: MessageSquareDot, label: t('markUnread'), onSelect: () => run(actions().markUnread(key, chat.lastId)) },
      hasUnread(chat) && { icon: CheckCheck, label: t('markRead'), onSelect: () => run(actions().markRead(key)) },
      chat.topAt > 0
        ? { icon: PinOff, label: t('unpin'), onSelect: () => run(actions().setSticky(key, false)) }
        : { icon: Pin, label: t('pin'), onSelect: () => run(actions().setSticky(key, true)) },
      canMute(chat) &&
        (chat.muted
          ? { icon: Bell, label: t('unmute'), onSelect: () => run(actions().setMuted(key, false)) }
          : { icon: BellOff, label: t('mute'), onSelect: () => run(actions().setMuted(key, true)) }),
      { icon: ExternalLink, label: t('openTab'), onSelect: () => window.open(withBase(pathOf(key)), '_blank', 'noopener') },
      null,
      { icon: EyeOff, label: t(chat.left ? 'removeFromList' : 'hide'), onSelect: () => run(hide()) },
    ]
  }
}

const run = (done: Promise<void>): void => void done.catch(toastError)

const hasUnread = (chat: Chat): boolean => chat.unread > 0 || chat.weakUnread > 0 || chat.mentions.length > 0

/** Whether the last message of a chat in which nothing is unread can be marked. */
function canMarkUnread({ ref, unread, lastId, left, preview }: Chat): boolean {
  const me = useStore.getState().me?.id
  return ref.type <= 2 && unread === 0 && lastId !== '' && !left && !preview.withdrawn && preview.kind !== 'system' && preview.from.id !== '' && preview.from.id !== me
}

/** Everything can be muted but the chat with oneself, in which nothing is ever unread. */
export const canMute = (chat: Chat): boolean => chat.ref.type <= 10 && chat.ref.id !== fileTransfer
