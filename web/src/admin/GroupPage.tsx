import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { addGroupMember, dissolveAnyGroup, getAnyGroup, handOverGroup, listGroupMembers, removeGroupMember, type AdminGroup, type AdminMember } from '@/api/admin'
import { useTrouble } from '@/app/useTrouble'
import { fullTime } from '@/lib/time'
import { useOnce } from '@/lib/useOnce'
import { Avatar } from '@/ui/Avatar'
import { Button } from '@/ui/Button'
import { Card, Facts, PageColumn } from '@/ui/Card'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { Spinner } from '@/ui/Spinner'
import { toast } from '@/ui/toast'
import { BackLink } from './BackLink'
import { PersonChooser } from './PersonChooser'
import { Problem } from './Problem'
import { Tag } from './Tag'
import { usePages } from './usePages'

/** The page of a group: its creator, its members, and the button that dissolves it. */
export default function GroupPage({ id }: { id: string }) {
  const { t } = useTranslation(['admin', 'ui'])
  const query = useQuery({ queryKey: ['admin', 'group', id], queryFn: ({ signal }) => getAnyGroup(id, signal), staleTime: 0 })
  const trouble = useTrouble(query)
  const group = query.data
  return (
    <PageColumn>
      <BackLink to="/admin/groups" text={t('groups.all')} />
      {trouble && <Problem trouble={trouble} />}
      {query.isPending && !trouble && <Spinner label={t('ui:loading')} className="mx-auto size-5" />}
      {group && (
        <>
          <Head group={group} />
          <Members group={group} />
        </>
      )}
    </PageColumn>
  )
}

function Head({ group: g }: { group: AdminGroup }) {
  const { t, i18n } = useTranslation('admin')
  const client = useQueryClient()
  const [asking, setAsking] = useState<'handOver' | 'dissolve' | null>(null)
  const name = g.name || t('unnamedGroup')
  const close = (open: boolean): void => {
    if (!open) setAsking(null)
  }
  const renew = (): Promise<void> => client.invalidateQueries({ queryKey: ['admin'] })
  return (
    <Card className="flex flex-col gap-4">
      <div className="flex items-center gap-4">
        <Avatar name={g.name} src={g.avatar} seed={g.groupId} group size="large" />
        <div className="min-w-0">
          <h2 dir="auto" className="text-lg font-semibold break-words">
            {name}
          </h2>
          {g.dissolvedAt && <Tag tone="danger">{t('groups.dissolved')}</Tag>}
        </div>
      </div>
      <Facts
        facts={[
          [t('creator'), g.ownerActive ? g.ownerName : `${g.ownerName} (${t('inactive')})`],
          [t('groups.members'), String(g.members)],
          [t('groups.messages'), new Intl.NumberFormat(i18n.language).format(g.messages)],
          [t('groups.last'), g.lastAt ? fullTime(g.lastAt, i18n.language) : undefined],
          [t('person.created'), fullTime(g.createdAt, i18n.language)],
          [t('groups.dissolved'), g.dissolvedAt ? fullTime(g.dissolvedAt, i18n.language) : undefined],
          [t('groups.id'), g.groupId],
        ]}
      />
      {!g.dissolvedAt && (
        <div className="flex flex-wrap gap-2">
          <Button onClick={() => setAsking('handOver')}>{t('groups.handOver')}</Button>
          <Button warns onClick={() => setAsking('dissolve')}>
            {t('groups.dissolve')}
          </Button>
        </div>
      )}
      <PersonChooser
        open={asking === 'handOver'}
        onOpenChange={close}
        title={t('groups.handOverTitle', { name })}
        description={t('groups.handOverText')}
        action={t('groups.handOver')}
        except={g.ownerId}
        onChosen={async (to) => {
          await handOverGroup(g.groupId, to.accountId)
          toast(t('groups.handOverDone', { name: to.name }), 'success')
          await renew()
        }}
      />
      <ConfirmDialog
        open={asking === 'dissolve'}
        onOpenChange={close}
        title={t('groups.dissolveTitle', { name })}
        text={t('groups.dissolveText')}
        confirm={t('groups.dissolve')}
        danger
        onConfirm={async () => {
          await dissolveAnyGroup(g.groupId)
          await renew()
        }}
      />
    </Card>
  )
}

function Members({ group: g }: { group: AdminGroup }) {
  const { t } = useTranslation('admin')
  const client = useQueryClient()
  const pages = usePages(['members', g.groupId], (next, signal) => listGroupMembers(g.groupId, next, signal))
  const trouble = useTrouble(pages)
  const once = useOnce()
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<AdminMember | null>(null)
  const renew = (): Promise<void> => client.invalidateQueries({ queryKey: ['admin'] })
  const open = !g.dissolvedAt
  if (trouble) return <Problem trouble={trouble} />
  return (
    <Card title={t('groups.members')} className="flex flex-col items-start gap-3">
      {open && <Button onClick={() => setAdding(true)}>{t('groups.add')}</Button>}
      <ul className="w-full divide-y divide-line">
        {pages.data?.pages
          .flatMap((p) => p.items)
          .map((m) => (
            <li key={m.accountId} className="flex items-center gap-3 py-2 first:pt-0">
              <Avatar name={m.name} src={m.avatar} seed={m.accountId} size="small" />
              <Link href={`/admin/people/${encodeURIComponent(m.accountId)}`} dir="auto" className="min-w-0 flex-1 truncate underline-offset-4 hover:underline">
                {m.name}
              </Link>
              {!m.active && <Tag tone="danger">{t('inactive')}</Tag>}
              {m.accountId === g.ownerId ? <Tag tone="accent">{t('creator')}</Tag> : m.administrator && <Tag>{t('roles.administrator')}</Tag>}
              {open && m.accountId !== g.ownerId && (
                <Button size="small" aria-label={t('groups.removeOne', { name: m.name })} onClick={() => setRemoving(m)}>
                  {t('groups.remove')}
                </Button>
              )}
            </li>
          ))}
      </ul>
      {pages.hasNextPage && (
        <Button size="small" busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('more')}
        </Button>
      )}
      <PersonChooser
        open={adding}
        onOpenChange={setAdding}
        title={t('groups.add')}
        action={t('groups.add')}
        onChosen={async (person) => {
          await once([g.groupId, person.accountId], (key) => addGroupMember(g.groupId, person.accountId, key))
          await renew()
        }}
      />
      <ConfirmDialog
        open={removing !== null}
        onOpenChange={(next) => !next && setRemoving(null)}
        title={t('groups.removeTitle', { name: removing?.name ?? '' })}
        text={t('groups.removeText')}
        confirm={t('groups.remove')}
        danger
        onConfirm={async () => {
          if (removing) await removeGroupMember(g.groupId, removing.accountId)
          await renew()
        }}
      />
    </Card>
  )
}
