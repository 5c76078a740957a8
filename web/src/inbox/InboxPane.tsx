import { Bell, BellOff, CheckCheck, Inbox } from 'lucide-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { inboxTypes } from '@/app/paths'
import { PaneHeader } from '@/app/PaneHeader'
import { useTrouble } from '@/app/useTrouble'
import { ChatAvatar } from '@/chatlist/ChatAvatar'
import { useChatTitle } from '@/chatlist/useChatTitle'
import { useSentinel } from '@/lib/useSentinel'
import { chatKey } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { PageColumn } from '@/ui/Card'
import { EmptyState } from '@/ui/EmptyState'
import { IconButton } from '@/ui/IconButton'
import { Spinner } from '@/ui/Spinner'
import { toastError } from '@/ui/toast'
import { NotificationRow } from './NotificationRow'
import { useInbox } from './useInbox'
import { useReadOnView } from './useReadOnView'

/** The notifications of one category. They are marked as read when they have been on the screen. */
export default function InboxPane({ category }: { category: string }) {
  const { t } = useTranslation(['inbox', 'ui'])
  const title = useChatTitle()
  const ref = { type: inboxTypes[category] ?? 3, id: category }
  const key = chatKey(ref.type, ref.id)
  const unread = useStore((s) => (s.chats[key]?.unread ?? 0) + (s.chats[key]?.weakUnread ?? 0) > 0)
  const muted = useStore((s) => s.chats[key]?.muted ?? false)
  const chat = { ref, name: '', avatar: '' }
  const inbox = useInbox(category)
  const trouble = useTrouble(inbox)
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = inbox
  const items = useMemo(() => inbox.data?.pages.flatMap((p) => p.items) ?? [], [inbox.data])
  const list = useReadOnView(key, items, inbox.isSuccess && !hasNextPage)
  const more = useSentinel(() => void fetchNextPage(), hasNextPage && !isFetchingNextPage)

  return (
    <main className="flex h-full min-w-0 flex-1 flex-col bg-ground">
      <PaneHeader title={title(chat)} picture={<ChatAvatar chat={chat} size="small" />}>
        <IconButton icon={CheckCheck} label={t('markAllRead')} disabled={!unread} onClick={() => void actions().markRead(key).catch(toastError)} />
        <IconButton
          icon={muted ? BellOff : Bell}
          label={t(muted ? 'unmute' : 'mute')}
          onClick={() => void actions().setMuted(key, !muted).catch(toastError)}
        />
      </PaneHeader>
      {trouble ? (
        <div role="alert" className="flex flex-1 flex-col items-center justify-center gap-3 p-6 text-center text-muted">
          <p>{trouble.text}</p>
          {trouble.retry && <Button onClick={trouble.retry}>{t('retry')}</Button>}
        </div>
      ) : inbox.isSuccess && items.length === 0 ? (
        <EmptyState icon={Inbox} title={t('emptyTitle')} text={t('emptyText')} />
      ) : (
        <PageColumn label={title(chat)}>
          {items.length > 0 && (
            <ul ref={list} className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-ground">
              {items.map((n) => (
                <NotificationRow key={n.id} notification={n} />
              ))}
            </ul>
          )}
          <div ref={more} className="flex h-8 items-center justify-center">
            {(inbox.isPending || isFetchingNextPage) && <Spinner label={t('ui:loading')} />}
          </div>
        </PageColumn>
      )}
    </main>
  )
}
