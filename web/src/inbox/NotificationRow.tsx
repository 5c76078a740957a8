import { AtSign, Bell, Calendar, ExternalLink, ListChecks, MessageSquare, UserPlus } from 'lucide-react'
import { lazy, Suspense, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { linkTo } from '@/app/address'
import { cn } from '@/lib/cn'
import { fullTime, shortTime } from '@/lib/time'
import type { Notification } from '@/state/model'

const FriendRequestActions = lazy(() => import('@/people/FriendRequestActions'))

/** The kind of a notification as a picture. */
function TypeIcon({ type }: { type: string }) {
  const look = 'size-5'
  if (type === '0' || /mention/.test(type)) return <AtSign className={look} />
  if (type === '1' || /reply|comment/.test(type)) return <MessageSquare className={look} />
  if (type.startsWith('friend')) return <UserPlus className={look} />
  if (type.startsWith('calendar')) return <Calendar className={look} />
  return type.startsWith('task') ? <ListChecks className={look} /> : <Bell className={look} />
}

/** One notification: what happened, where it leads, and for a friend request the answers. */
export function NotificationRow({ notification: n }: { notification: Notification }) {
  const { t, i18n } = useTranslation('inbox')
  const kind = t(`types.${n.type}`, { defaultValue: '' })
  return (
    <li className={cn('relative flex gap-3 p-4 sm:px-5', n.unread && 'before:absolute before:inset-y-0 before:left-0 before:w-1 before:bg-accent-solid')}>
      <span aria-hidden className="flex size-10 shrink-0 items-center justify-center rounded-lg bg-selected text-accent">
        <TypeIcon type={n.type} />
      </span>
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline gap-x-2 max-sm:flex-wrap">
          {n.name && <span dir="auto" className="min-w-0 truncate font-medium max-sm:max-w-full">{n.name}</span>}
          {kind && <span className="shrink-0 rounded-full bg-sunken px-2 py-0.5 text-xs text-muted">{kind}</span>}
          <time dateTime={new Date(n.at).toISOString()} title={fullTime(n.at, i18n.language)} className="ml-auto shrink-0 text-xs text-muted">
            {shortTime(n.at, i18n.language)}
          </time>
          {n.unread && <span data-unread={n.id} role="img" aria-label={t('unread')} className={cn('size-2 shrink-0 self-center rounded-full', n.weak ? 'bg-badge-muted' : 'bg-badge')} />}
        </div>
        <div className="mt-1">
          <Address url={n.url}>
            <span dir="auto" className="break-words whitespace-pre-wrap">{n.text}</span>
          </Address>
        </div>
        {n.type === 'friend request' && n.entityId && (
          <Suspense>
            <div className="mt-2">
              <FriendRequestActions requestId={n.entityId} />
            </div>
          </Suspense>
        )}
      </div>
    </li>
  )
}

function Address({ url, children }: { url: string; children: ReactNode }) {
  const { t } = useTranslation('inbox')
  const to = linkTo(url)
  if (!to) return <p>{children}</p>
  const look = 'inline text-text underline decoration-line underline-offset-4 hover:text-accent hover:decoration-accent'
  if (to.inside) {
    return (
      <Link href={to.href} className={look}>
        {children}
      </Link>
    )
  }
  return (
    <a href={to.href} target="_blank" rel="noopener noreferrer" className={look}>
      {children}
      <ExternalLink aria-label={t('newTab')} className="ml-1 inline size-3.5 align-[-0.125em] text-muted" />
    </a>
  )
}
