import { MessagesSquare, Search, SearchX } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'wouter'
import { listAllGroups, type AdminGroup } from '@/api/admin'
import { shortTime } from '@/lib/time'
import { useDebounced } from '@/lib/useDebounced'
import { Avatar } from '@/ui/Avatar'
import { EmptyState } from '@/ui/EmptyState'
import { NativeSelect } from '@/ui/NativeSelect'
import { TextField } from '@/ui/TextField'
import { EndlessList } from './EndlessList'
import { Tag } from './Tag'
import { usePages } from './usePages'

const shows = ['open', 'ownerless', 'dissolved'] as const
type Show = (typeof shows)[number]

/** All groups of the server. */
export default function GroupsSection() {
  const { t } = useTranslation('admin')
  const [params, setParams] = useSearchParams()
  const [text, setText] = useState('')
  const query = useDebounced(text.trim(), 200)
  const show = shows.find((s) => s === params.get('show')) ?? 'open'
  const filter = { query: query || undefined, ...(show === 'dissolved' && { dissolved: true }), ...(show === 'ownerless' && { ownerless: true }) }
  const pages = usePages(['groups', filter], (next, signal) => listAllGroups(filter, next, signal))
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="mx-auto grid w-full max-w-5xl shrink-0 gap-3 border-b border-line p-4 sm:grid-cols-[1fr_16rem]">
        <TextField
          type="search"
          label={t('people.search')}
          placeholder={t('groups.searchHint')}
          icon={<Search aria-hidden className="size-4" />}
          value={text}
          onValueChange={setText}
          maxLength={200}
        />
        <NativeSelect<Show>
          label={t('import.show')}
          value={show}
          options={shows.map((value) => ({ value, label: t(`groups.shows.${value}`) }))}
          onValueChange={(value) => setParams(value === 'open' ? {} : { show: value }, { replace: true })}
        />
      </div>
      <EndlessList
        label={t('sections.groups')}
        pages={pages}
        keyOf={(g) => g.groupId}
        height={64}
        line={Line}
        empty={query || show !== 'open' ? <EmptyState icon={SearchX} title={t('groups.noneFound')} /> : <EmptyState icon={MessagesSquare} title={t('groups.none')} />}
      />
    </div>
  )
}

function Line({ item: g }: { item: AdminGroup }) {
  const { t, i18n } = useTranslation('admin')
  return (
    <Link href={`/admin/groups/${encodeURIComponent(g.groupId)}`} className="flex min-h-16 items-center gap-3 px-4 py-2 -outline-offset-2 hover:bg-hover">
      <Avatar name={g.name} src={g.avatar} seed={g.groupId} group />
      <span className="min-w-0 flex-1">
        <span className="flex items-center gap-2">
          <span dir="auto" className="truncate">
            {g.name || t('unnamedGroup')}
          </span>
          {g.dissolvedAt && <Tag tone="danger">{t('groups.dissolved')}</Tag>}
          {!g.dissolvedAt && !g.ownerActive && <Tag tone="danger">{t('groups.ownerless')}</Tag>}
        </span>
        <span dir="auto" className="block truncate text-sm text-muted">
          {[t('membersOf', { count: g.members }), `${t('creator')}: ${g.ownerName}`].join(' · ')}
        </span>
      </span>
      <span className="hidden shrink-0 text-sm text-muted sm:block">{g.lastAt ? shortTime(g.lastAt, i18n.language) : ''}</span>
    </Link>
  )
}
