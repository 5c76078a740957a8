import { MessagesSquare, Search, Settings, Users, type LucideIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { totalUnread } from '@/app/totals'
import { keysOf } from '@/app/keys/shortcuts'
import { cn } from '@/lib/cn'
import { useStore } from '@/state/store'
import { Badge } from '@/ui/Badge'
import { Tooltip } from '@/ui/Tooltip'
import { AccountMenu } from './AccountMenu'

/** The pages of the client: a rail at the side, on phones a bar at the bottom. */
export function Rail({ bar }: { bar: boolean }) {
  const { t } = useTranslation('shell')
  const unread = useStore(totalUnread)
  const [path] = useLocation()
  const inChats = path === '/' || /^\/(chat|inbox)\//.test(path)
  const items = [
    { to: '/', icon: MessagesSquare, label: t('chats'), full: unread > 0 ? t('chatsUnread', { count: unread }) : t('chats'), count: unread, current: inChats },
    { to: '/people', icon: Users, label: t('people'), current: path.startsWith('/people') },
    { to: '/search', icon: Search, label: t('search'), keys: keysOf('search'), current: path.startsWith('/search') },
    { to: '/settings', icon: Settings, label: t('settings'), keys: keysOf('settings'), current: path.startsWith('/settings') },
  ]
  return (
    <nav
      aria-label={t('pages')}
      className={cn(
        'flex shrink-0 bg-sunken',
        bar ? 'h-14 items-stretch justify-around border-t border-line pb-[env(safe-area-inset-bottom)] box-content' : 'w-16 flex-col items-center gap-1 border-r border-line py-3',
      )}
    >
      {items.map((item) => (
        <Item key={item.to} {...item} bar={bar} />
      ))}
      {bar ? (
        <div className="flex items-center">
          <AccountMenu side="top" />
        </div>
      ) : (
        <div className="mt-auto pt-2">
          <AccountMenu side="top" />
        </div>
      )}
    </nav>
  )
}

interface ItemProps {
  to: string
  icon: LucideIcon
  label: string
  full?: string
  keys?: string
  count?: number
  current: boolean
  bar: boolean
}

function Item({ to, icon: Icon, label, full, keys, count = 0, current, bar }: ItemProps) {
  const link = (
    <Link
      href={to}
      aria-label={bar ? undefined : (full ?? label)} // in the bar its words are on it
      aria-current={current ? 'page' : undefined}
      className={cn(
        'relative flex flex-col items-center justify-center',
        bar ? 'min-w-14 gap-0.5 px-2 text-xs' : 'size-11 rounded-xl hover:bg-hover',
        current ? 'text-accent' : 'text-muted hover:text-text',
        current && !bar && 'bg-selected',
      )}
    >
      <Icon aria-hidden className="size-[1.375rem]" />
      {bar && label}
      <Badge count={count} label={bar ? full : undefined} hidden={!bar} className={cn('absolute', bar ? 'top-0.5 right-1' : '-top-0.5 -right-1')} />
    </Link>
  )
  return bar ? link : <Tooltip text={label} keys={keys} side="right">{link}</Tooltip>
}
