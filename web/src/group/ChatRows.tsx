import { ChevronRight, FolderOpen, Search } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { openPane } from '@/conversation/pane'
import { chatRef, type ChatKey } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { Switch } from '@/ui/Switch'
import { toastError } from '@/ui/toast'
import type { DetailsView } from './details-view'

/** Ways to what was sent in a chat. */
export function ChatLinks({ onShow }: { onShow: (view: DetailsView) => void }) {
  const { t } = useTranslation('group')
  const ways = [
    { icon: Search, label: t('search'), go: () => openPane('search') },
    { icon: FolderOpen, label: t('views.files'), go: () => onShow('files') },
  ]
  return (
    <div className="flex flex-col">
      {ways.map(({ icon: Icon, label, go }) => (
        <button key={label} type="button" onClick={go} className="flex h-11 w-full items-center gap-3 rounded-lg px-3 text-left hover:bg-hover">
          <Icon aria-hidden className="size-4.5 text-muted" />
          <span className="flex-1">{label}</span>
          <ChevronRight aria-hidden className="size-4 text-muted" />
        </button>
      ))}
    </div>
  )
}

/** Keeps the chat on top of the list. Nothing for a chat that is not in it. */
export function StickySwitch({ chat }: { chat: ChatKey }) {
  const { t } = useTranslation('group')
  const top = useStore((s) => s.chats[chat] && s.order.includes(chat) && s.chats[chat].topAt > 0)
  if (top === undefined) return null
  return <Switch label={t('sticky')} checked={top} onCheckedChange={(on) => void actions().setSticky(chat, on).catch(toastError)} />
}

export function MuteSwitch({ chat, muted }: { chat: ChatKey; muted: boolean }) {
  const { t } = useTranslation('group')
  const hint = t(chatRef(chat).type === 1 ? 'muteDirectHint' : 'muteHint')
  return <Switch label={t('mute')} hint={hint} checked={muted} onCheckedChange={(on) => void actions().setMuted(chat, on).catch(toastError)} />
}

/** Mutes the chat with a person. Nothing for a chat that is not in the list, because its setting is not known then. */
export function MuteDirectSwitch({ chat }: { chat: ChatKey }) {
  const muted = useStore((s) => (s.order.includes(chat) ? s.chats[chat]?.muted : undefined))
  return muted === undefined ? null : <MuteSwitch chat={chat} muted={muted} />
}
