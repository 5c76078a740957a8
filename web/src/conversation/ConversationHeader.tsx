import { PanelRight, Search } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { BackButton } from '@/app/BackButton'
import { keysOf } from '@/app/keys/shortcuts'
import { ChatAvatar } from '@/chatlist/ChatAvatar'
import { AvailabilityDot, AvailabilityLine } from '@/people/Availability'
import { useHasNamesake } from '@/people/namesakes'
import { NamesakeMark } from '@/people/NamesakeMark'
import { loadTexts } from '@/i18n'
import { chatRef, fileTransfer, type ChatKey, type Typist } from '@/state/model'
import { useStore } from '@/state/store'
import { IconButton } from '@/ui/IconButton'
import { onDemand } from '@/ui/onDemand'
import { openPane, usePane } from './pane'
import { useGroup } from './useConversation'

// Without it nobody misses anything.
const Typing = onDemand<{ open: boolean; chat: ChatKey; typists: readonly Typist[] }>(() => loadTexts('typing').then(() => import('./Typing')), () => undefined)
const nobody: readonly Typist[] = []

/** Whose conversation it is. A click opens the details beside it. */
export function ConversationHeader({ chat }: { chat: ChatKey }) {
  const { t } = useTranslation('conversation')
  const { type, id } = chatRef(chat)
  const known = useStore((s) => s.chats[chat])
  const group = useGroup(chat)
  const members = useStore((s) => group?.members ?? (type === 2 ? s.remembered[id]?.members : undefined))
  const typists = useStore((s) => s.typing[chat] ?? nobody)
  const pane = usePane((s) => s.pane)
  const namesake = useHasNamesake(chat)
  const devices = id === fileTransfer
  const name = devices ? t('myDevices') : (group?.name ?? known?.name ?? '')
  const below = devices ? t('myDevicesHint') : members === undefined ? '' : t('members', { count: members })
  return (
    <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line px-4">
      <BackButton />
      <span className="relative inline-flex">
        <ChatAvatar chat={{ ref: { type, id }, name, avatar: group?.avatar ?? known?.avatar ?? '' }} size="small" />
        {type === 1 && !devices && <AvailabilityDot id={id} />}
      </span>
      <div className="min-w-0 flex-1">
        <h1 dir="auto" className="truncate leading-tight font-semibold">
          <button type="button" className="max-w-full truncate align-bottom hover:underline" onClick={() => openPane('details')}>
            {name || '…'}
          </button>
        </h1>
        {namesake && (
          <p className="-ml-1.5 truncate">
            <NamesakeMark id={id} />
          </p>
        )}
        <Typing open={typists.length > 0} chat={chat} typists={typists} />
        {typists.length === 0 && type === 1 && !devices && !namesake && <AvailabilityLine id={id} />}
        {typists.length === 0 && (below || group?.banned) && (
          <p className="truncate text-xs text-muted">
            {below}
            {group?.banned && <span className="ml-2 text-warning">{t('bannedNow')}</span>}
          </p>
        )}
      </div>
      <IconButton icon={Search} label={t('searchHere')} keys={keysOf('search-chat')} pressed={pane === 'search'} onClick={() => openPane(pane === 'search' ? null : 'search')} />
      <IconButton icon={PanelRight} label={t('details')} keys={keysOf('toggle-details')} pressed={pane === 'details'} onClick={() => openPane(pane === 'details' ? null : 'details')} />
    </header>
  )
}
