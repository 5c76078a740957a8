import { ListFilter, MessagesSquare, Search } from 'lucide-react'
import { useDeferredValue, useMemo, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { openDialog } from '@/app/dialogs'
import { chatOfPath, pathOf } from '@/app/paths'
import { isComposing } from '@/lib/composing'
import { useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { EmptyState } from '@/ui/EmptyState'
import { TextField } from '@/ui/TextField'
import { ChatListHeader } from './ChatListHeader'
import { ChatRows } from './ChatRows'
import { draftedOnly } from './drafted'
import { FilterChips } from './FilterChips'
import { shownChats, type Filter } from './filter'
import { ListSkeleton } from './ListSkeleton'
import { useChatTitle } from './useChatTitle'

/** All chats and inboxes of the person, with what narrows them down. */
export function ChatList() {
  const { t } = useTranslation('chatlist')
  const [path, navigate] = useLocation()
  const title = useChatTitle()
  const [filter, setFilter] = useState<Filter>('all')
  const [text, setText] = useState('')
  const sought = useDeferredValue(text)
  const listed = useStore((s) => s.order)
  const drafted = useStore((s) => draftedOnly(s).join('\n'))
  // They stand at the top: when a draft was written is not known.
  const order = useMemo(() => (drafted ? [...drafted.split('\n'), ...listed] : listed), [listed, drafted])
  const current = chatOfPath(path)
  const narrowed = filter !== 'all' || sought.trim() !== ''
  // The whole list does not depend on what is in the chats, and is not made anew with each message.
  const chats = useStore((s) => (narrowed ? s.chats : null))
  const keys = useMemo(() => (chats ? shownChats({ chats, order, current }, filter, sought, title) : order), [chats, order, current, filter, sought, title])
  const complete = useStore((s) => s.chatsComplete)

  const reset = (): void => {
    setFilter('all')
    setText('')
  }
  const keysInFilter = (e: KeyboardEvent): void => {
    if (isComposing(e)) return
    if (e.key === 'Escape' && text) {
      e.stopPropagation()
      setText('')
    } else if (e.key === 'ArrowDown') {
      e.preventDefault()
      document.querySelector<HTMLElement>('[data-chat-rows] [data-chat]')?.focus()
    } else if (e.key === 'Enter' && text.trim()) {
      navigate(keys[0] === undefined ? searchPath(text) : pathOf(keys[0]))
    }
  }

  return (
    <div className="flex h-full min-w-0 flex-col bg-ground">
      <ChatListHeader />
      <TextField
        type="search"
        label={t('filter')}
        hideLabel
        placeholder={t('filter')}
        icon={<ListFilter aria-hidden className="size-4" />}
        value={text}
        onValueChange={setText}
        onKeyDown={keysInFilter}
        className="px-3 pb-2"
      />
      <FilterChips value={filter} onValueChange={setFilter} />
      {keys.length > 0 ? (
        <ChatRows keys={keys} current={current} />
      ) : narrowed ? (
        <EmptyState
          icon={ListFilter}
          title={t('noneTitle')}
          text={t(filter === 'unread' && !text ? 'noneUnread' : 'noneText')}
          action={<Button onClick={reset}>{t('showAll')}</Button>}
        />
      ) : complete ? (
        <EmptyState
          icon={MessagesSquare}
          title={t('emptyTitle')}
          text={t('emptyText')}
          action={
            <Button kind="primary" onClick={() => openDialog('new-chat')}>
              {t('newChat')}
            </Button>
          }
        />
      ) : (
        <ListSkeleton />
      )}
      {text.trim() && (
        <Link href={searchPath(text)} className="flex shrink-0 items-center gap-2 border-t border-line px-4 py-3 text-sm text-accent -outline-offset-2 hover:bg-hover">
          <Search aria-hidden className="size-4 shrink-0" />
          <span className="truncate">{t('searchFor', { text: text.trim() })}</span>
        </Link>
      )}
    </div>
  )
}

const searchPath = (text: string): string => `/search?q=${encodeURIComponent(text.trim())}`
