import { FileUp, Plus, Search, SearchX, UserPlus, Users } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { listStaff, type AdminPerson, type PeopleFilter } from '@/api/admin'
import { shortTime } from '@/lib/time'
import { useDebounced } from '@/lib/useDebounced'
import { Avatar } from '@/ui/Avatar'
import { Button } from '@/ui/Button'
import { EmptyState } from '@/ui/EmptyState'
import { NativeSelect } from '@/ui/NativeSelect'
import { TextField } from '@/ui/TextField'
import { AddPersonDialog } from './AddPersonDialog'
import { EndlessList } from './EndlessList'
import { Tag } from './Tag'
import { usePages } from './usePages'

const roles = ['', 'owner', 'administrator', 'member', 'guest'] as const
const states = ['', 'true', 'false'] as const

/** All people with a search, and the buttons that add people. */
export default function PeopleSection() {
  const { t } = useTranslation('admin')
  const [, navigate] = useLocation()
  const [text, setText] = useState('')
  const [role, setRole] = useState<(typeof roles)[number]>('')
  const [active, setActive] = useState<(typeof states)[number]>('')
  const [adding, setAdding] = useState(false)
  const query = useDebounced(text.trim(), 200)
  const filter: PeopleFilter = { query: query || undefined, role: role || undefined, active: active || undefined }
  const pages = usePages(['people', filter], (next, signal) => listStaff(filter, next, signal))
  const filtered = query !== '' || role !== '' || active !== ''
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="mx-auto flex w-full max-w-5xl shrink-0 flex-col gap-3 border-b border-line p-4">
        <div className="flex flex-wrap gap-2">
          <Button kind="primary" size="small" onClick={() => setAdding(true)}>
            <Plus aria-hidden className="size-4" /> {t('people.add')}
          </Button>
          <Button size="small" onClick={() => navigate('/settings/invitations')}>
            <UserPlus aria-hidden className="size-4" /> {t('people.invite')}
          </Button>
          <Button size="small" onClick={() => navigate('/admin/import')}>
            <FileUp aria-hidden className="size-4" /> {t('people.import')}
          </Button>
        </div>
        <div className="grid grid-cols-2 gap-3 sm:grid-cols-[1fr_10rem_10rem]">
          <TextField
            type="search"
            label={t('people.search')}
            placeholder={t('people.searchHint')}
            icon={<Search aria-hidden className="size-4" />}
            value={text}
            onValueChange={setText}
            maxLength={200}
            className="col-span-2 sm:col-span-1"
          />
          <NativeSelect label={t('role')} value={role} options={roles.map((value) => ({ value, label: value ? t(`roles.${value}`) : t('any') }))} onValueChange={setRole} />
          <NativeSelect
            label={t('people.state')}
            value={active}
            options={states.map((value) => ({ value, label: value ? t(value === 'true' ? 'active' : 'inactive') : t('any') }))}
            onValueChange={setActive}
          />
        </div>
      </div>
      <EndlessList
        label={t('sections.people')}
        pages={pages}
        keyOf={(p) => p.accountId}
        height={64}
        line={Line}
        empty={filtered ? <EmptyState icon={SearchX} title={t('people.nobodyFound')} text={t('people.nobodyFoundHint')} /> : <EmptyState icon={Users} title={t('people.nobody')} />}
      />
      <AddPersonDialog
        open={adding}
        onOpenChange={setAdding}
        onAdded={(person) => {
          setAdding(false)
          navigate(`/admin/people/${encodeURIComponent(person.accountId)}`)
        }}
      />
    </div>
  )
}

function Line({ item: p }: { item: AdminPerson }) {
  const { t, i18n } = useTranslation('admin')
  const about = [p.email, p.title, p.department].filter(Boolean).join(' · ')
  return (
    <Link href={`/admin/people/${encodeURIComponent(p.accountId)}`} className="flex min-h-16 items-center gap-3 px-4 py-2 -outline-offset-2 hover:bg-hover">
      <Avatar name={p.name} src={p.avatar} seed={p.accountId} />
      <span className="min-w-0 flex-1">
        <span className="flex items-center gap-2">
          <span dir="auto" className="truncate">
            {p.name}
          </span>
          {p.role && p.role !== 'member' && <Tag tone={p.role === 'guest' ? 'plain' : 'accent'}>{t(`roles.${p.role}`)}</Tag>}
          {!p.active && <Tag tone="danger">{t('inactive')}</Tag>}
        </span>
        <span dir="auto" className="block truncate text-sm text-muted">
          {about || p.accountId}
        </span>
      </span>
      <span className="hidden shrink-0 text-sm text-muted sm:block">{p.lastSeenAt ? t('seen', { time: shortTime(p.lastSeenAt, i18n.language) }) : t('neverSeen')}</span>
    </Link>
  )
}
