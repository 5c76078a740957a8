import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Group } from '@/state/model'
import { Avatar } from '@/ui/Avatar'
import { Button } from '@/ui/Button'
import { AddMembersDialog } from './AddMembersDialog'
import { useMembers } from './queries'

/** Two rows of five. */
const places = 10
const tile = 'flex w-full flex-col items-center gap-1 rounded-lg p-1 hover:bg-hover'

/** The first members at a glance, and the way to all of them. */
export function MemberGrid({ group, mayInvite, onShowAll }: { group: Group; mayInvite: boolean; onShowAll: () => void }) {
  const { t } = useTranslation('group')
  const [adding, setAdding] = useState(false)
  const members = useMembers(group.id, '').data?.pages[0]?.items ?? []
  return (
    <section aria-label={t('views.members')}>
      <div className="flex items-center justify-between px-3 pb-1">
        <h3 className="text-sm font-medium text-muted">{t('views.members')}</h3>
        <Button kind="link" size="small" onClick={onShowAll}>
          {t('allMembers', { count: group.members })}
        </Button>
      </div>
      <ul className="grid grid-cols-5 gap-1 px-1">
        {members.slice(0, mayInvite ? places - 1 : places).map(({ person }) => (
          <li key={person.id} className="min-w-0">
            <Link href={`/people/${encodeURIComponent(person.id)}`} className={tile}>
              <Avatar name={person.name} src={person.avatar} seed={person.id} />
              <span dir="auto" className="w-full truncate text-center text-xs">{person.name}</span>
            </Link>
          </li>
        ))}
        {mayInvite && (
          <li className="min-w-0">
            <button type="button" onClick={() => setAdding(true)} className={tile} aria-label={t('addMembers')}>
              <span className="flex size-10 items-center justify-center rounded-lg border border-dashed border-field text-muted">
                <Plus aria-hidden className="size-5" />
              </span>
              <span aria-hidden className="w-full truncate text-center text-xs text-muted">
                {t('addShort')}
              </span>
            </button>
          </li>
        )}
      </ul>
      <AddMembersDialog group={group} open={adding} onOpenChange={setAdding} />
    </section>
  )
}
