import { Search, UserPlus } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { pathOf } from '@/app/paths'
import { ChatAvatar } from '@/chatlist/ChatAvatar'
import { cn } from '@/lib/cn'
import { chatKey, fileTransfer } from '@/state/model'
import { useStore } from '@/state/store'
import { Badge } from '@/ui/Badge'
import { EmptyState } from '@/ui/EmptyState'
import { IconButton } from '@/ui/IconButton'
import { Select } from '@/ui/Select'
import { Tabs } from '@/ui/Tabs'
import { TextField } from '@/ui/TextField'
import { AddFriendDialog } from './AddFriendDialog'
import { Directory } from './Directory'
import { GroupList } from './GroupList'
import { ProfileView } from './ProfileView'
import { RequestList } from './RequestList'
import { useFreshPeople, useFriendRequests } from './queries'

/** The directory and, beside it or on a phone instead of it, a profile. */
export default function PeoplePage({ id }: { id?: string }) {
  const { t } = useTranslation('people')
  useFreshPeople()
  const me = useStore((s) => s.me)
  const organizations = me?.organizations ?? []
  const [tab, setTab] = useState('all')
  const [text, setText] = useState('')
  const [organization, setOrganization] = useState('')
  const [adding, setAdding] = useState(false)
  const query = useDeferredValue(text.trim())
  const requests = useFriendRequests()
  const waiting = (requests.data?.items ?? []).filter((r) => r.state === 'waiting' && r.to.id === me?.id).length

  return (
    <main className="flex h-full min-w-0 flex-1">
      <section aria-label={t('title')} className={cn('w-full min-w-0 flex-col border-line md:w-80 md:shrink-0 md:border-r', id ? 'hidden md:flex' : 'flex')}>
        <header className="flex items-center gap-2 px-4 pt-3 pb-2">
          <h1 className="flex-1 text-lg font-semibold">{t('title')}</h1>
          <IconButton icon={UserPlus} label={t('addFriend')} onClick={() => setAdding(true)} />
        </header>
        <TextField
          type="search"
          label={t('search')}
          hideLabel
          placeholder={t('search')}
          icon={<Search aria-hidden className="size-4" />}
          value={text}
          onValueChange={setText}
          className="px-4 pb-2"
        />
        <Link
          href={pathOf(chatKey(1, fileTransfer))}
          className="mx-2 flex items-center gap-3 rounded-lg p-2 hover:bg-hover"
        >
          <ChatAvatar chat={{ ref: { type: 1, id: fileTransfer }, name: '', avatar: '' }} />
          <span className="min-w-0">
            <span className="block">{t('myDevices')}</span>
            <span className="block truncate text-xs text-muted">{t('myDevicesHint')}</span>
          </span>
        </Link>
        <Tabs
          label={t('title')}
          value={tab}
          onValueChange={setTab}
          className="flex min-h-0 flex-1 flex-col"
          tabs={[
            {
              id: 'all',
              label: t('tabs.all'),
              content: (
                <div className="flex h-full flex-col">
                  {organizations.length > 1 && (
                    <div className="border-b border-line px-4">
                      <Select
                        label={t('organization')}
                        value={organization}
                        onValueChange={setOrganization}
                        options={[{ value: '', label: t('everybody') }, ...organizations.map((o) => ({ value: o.id, label: o.name }))]}
                      />
                    </div>
                  )}
                  <div className="min-h-0 flex-1">
                    <Directory key={organization} filter={{ query, organization: organization || undefined }} selected={id} />
                  </div>
                </div>
              ),
            },
            { id: 'friends', label: t('tabs.friends'), content: <Directory filter={{ query, friends: true }} selected={id} /> },
            { id: 'groups', label: t('tabs.groups'), content: <GroupList query={query} /> },
            {
              id: 'requests',
              label: (
                <span className="flex items-center gap-1">
                  {t('tabs.requests')}
                  <Badge count={waiting} label={t('waiting', { count: waiting })} />
                </span>
              ),
              content: <RequestList onAdd={() => setAdding(true)} />,
            },
          ]}
        />
      </section>
      <div className={cn('min-w-0 flex-1', !id && 'hidden md:block')}>
        {id ? <ProfileView key={id} id={id} /> : <EmptyState icon={UserPlus} title={t('pick')} text={t('pickHint')} />}
      </div>
      <AddFriendDialog open={adding} onOpenChange={setAdding} />
    </main>
  )
}
