import { useQuery } from '@tanstack/react-query'
import { MessagesSquare } from 'lucide-react'
import { lazy, Suspense, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { getGroup } from '@/api/group'
import { ApiError } from '@/api/http'
import { getPerson } from '@/api/people'
import { hasAnswered } from '@/state/lastVisit'
import { chatRef, fileTransfer, type ChatKey } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { EmptyState } from '@/ui/EmptyState'

const ConversationPane = lazy(() => import('@/conversation/ConversationPane'))

/** The conversation that the address names. One that is in no list yet is asked for by its id first. */
export function ChatRoute({ chat }: { chat: ChatKey }) {
  const { t } = useTranslation('shell')
  const { type, id } = chatRef(chat)
  const known = useStore((s) => s.chats[chat] !== undefined && s.chats[chat].old === undefined)
  const loaded = useStore((s) => s.me !== null && hasAnswered(s))
  const asked = useQuery({
    queryKey: ['chat', chat],
    queryFn: ({ signal }): Promise<{ name: string; avatar: string }> => (type === 2 ? getGroup(id, signal) : getPerson(id, signal)),
    enabled: loaded && !known && (type === 1 || type === 2) && id !== fileTransfer,
  })
  const { data } = asked
  useEffect(() => {
    if (known || !loaded) return
    if (data) actions().ensureChat(chat, data.name, data.avatar)
    else if (id === fileTransfer) actions().ensureChat(chat, '', '')
  }, [chat, id, known, loaded, data])

  const gone = !known && asked.error instanceof ApiError && asked.error.status < 500
  if (gone) {
    return (
      <main className="h-full flex-1">
        <EmptyState
          icon={MessagesSquare}
          title={t('chatGoneTitle')}
          text={t('chatGoneText')}
          action={
            <Link href="/" className="text-accent underline-offset-4 hover:underline">
              {t('toChats')}
            </Link>
          }
        />
      </main>
    )
  }
  return (
    <Suspense fallback={<main className="h-full flex-1" />}>
      <ConversationPane chat={chat} />
    </Suspense>
  )
}
