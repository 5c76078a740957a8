import { Inbox } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { FriendRequest } from '@/api/friends'
import { useTrouble } from '@/app/useTrouble'
import { shortTime } from '@/lib/time'
import { useStore } from '@/state/store'
import { Avatar } from '@/ui/Avatar'
import { Button } from '@/ui/Button'
import { EmptyState } from '@/ui/EmptyState'
import FriendRequestActions from './FriendRequestActions'
import { useFriendRequests } from './queries'

/** Friend requests, those that wait for my answer first. */
export function RequestList({ onAdd }: { onAdd: () => void }) {
  const { t } = useTranslation('people')
  const me = useStore((s) => s.me?.id)
  const requests = useFriendRequests()
  const trouble = useTrouble(requests)
  const all = requests.data?.items ?? []
  const received = all.filter((r) => r.to.id === me).toSorted(waitingFirst)
  const sent = all.filter((r) => r.from.id === me).toSorted(waitingFirst)

  if (trouble) {
    return <EmptyState icon={Inbox} title={trouble.text} action={trouble.retry && <Button onClick={trouble.retry}>{t('retry')}</Button>} />
  }
  if (requests.isSuccess && all.length === 0) {
    return <EmptyState icon={Inbox} title={t('noRequests')} text={t('addFriendHint')} action={<Button onClick={onAdd}>{t('addFriend')}</Button>} />
  }
  return (
    <div className="h-full overflow-y-auto pb-2">
      {received.length > 0 && <Requests title={t('received')} requests={received} other="from" />}
      {sent.length > 0 && <Requests title={t('sent')} requests={sent} other="to" />}
    </div>
  )
}

function Requests({ title, requests, other }: { title: string; requests: FriendRequest[]; other: 'from' | 'to' }) {
  const { i18n } = useTranslation('people')
  return (
    <section aria-label={title}>
      <h2 className="px-4 pt-3 pb-1 text-xs font-semibold text-muted">{title}</h2>
      <ul>
        {requests.map((r) => (
          <li key={r.id} className="flex gap-3 px-4 py-2">
            <Avatar name={r[other].name} src={r[other].avatar} seed={r[other].id} />
            <div className="min-w-0 flex-1">
              <div className="flex items-baseline gap-2">
                <Link href={`/people/${encodeURIComponent(r[other].id)}`} className="min-w-0 flex-1 truncate font-medium hover:underline">
                  {r[other].name}
                </Link>
                <span className="shrink-0 text-xs text-muted">{shortTime(r.at, i18n.language)}</span>
              </div>
              {r.message && <p className="text-sm break-words text-muted">{r.message}</p>}
              <div className="mt-1.5">
                <FriendRequestActions requestId={r.id} />
              </div>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}

const waits = (r: FriendRequest): number => Number(r.state === 'waiting')

function waitingFirst(a: FriendRequest, b: FriendRequest): number {
  return waits(b) - waits(a) || b.at - a.at
}
