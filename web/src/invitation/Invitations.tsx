import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { listInvitations, revokeInvitation, type Invitation } from '@/api/invitation'
import { fullTime } from '@/lib/time'
import { refusal } from '@/lib/refusal'
import { Button } from '@/ui/Button'
import { Card } from '@/ui/Card'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { InvitationMaker } from './InvitationMaker'
import { markOf } from './mark'

const queryKey = ['invitations']

/** Creates invitations and lists the existing ones. */
export default function Invitations() {
  const { t } = useTranslation('invitation')
  const client = useQueryClient()
  const pages = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => listInvitations(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  })
  const [revoking, setRevoking] = useState<Invitation | null>(null)
  const all = pages.data?.pages.flatMap((p) => p.items) ?? []
  const renew = (): Promise<void> => client.invalidateQueries({ queryKey })
  return (
    <>
      <Card title={t('heading')} hint={t('hint')}>
        <InvitationMaker onMade={() => void renew()} />
      </Card>
      <Card title={t('list')}>
        {pages.isError && (
          <div role="alert" className="flex flex-col items-start gap-3 text-danger">
            <p>{refusal(pages.error)}</p>
            <Button onClick={() => void pages.refetch()}>{t('retry')}</Button>
          </div>
        )}
        {pages.data && all.length === 0 && <p className="text-sm text-muted">{t('none')}</p>}
        <ul className="divide-y divide-line">
          {all.map((one) => (
            <Row key={one.id} invitation={one} onRevoke={() => setRevoking(one)} />
          ))}
        </ul>
        {pages.hasNextPage && (
          <Button size="small" busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            {t('more')}
          </Button>
        )}
      </Card>
      <ConfirmDialog
        open={revoking !== null}
        onOpenChange={(open) => !open && setRevoking(null)}
        title={t('revokeTitle')}
        text={t('revokeText')}
        confirm={t('revoke')}
        danger
        onConfirm={async () => {
          if (revoking) await revokeInvitation(revoking.id)
          await renew()
        }}
      />
    </>
  )
}

function Row({ invitation: i, onRevoke }: { invitation: Invitation; onRevoke: () => void }) {
  const { t, i18n } = useTranslation('invitation')
  const date = (at: number): string => fullTime(at, i18n.language)
  const what = [i.role === 'guest' ? t('roles.guest').split(/[,，]/)[0] : t('roles.member'), ...i.groups, i.domain && `@${i.domain}`, i.email].filter(Boolean)
  const used = i.maxUses ? t('used', { n: i.uses, most: i.maxUses }) : t('usedAny', { n: i.uses })
  return (
    <li className="flex items-center gap-3 py-3">
      <div className="min-w-0 flex-1 text-sm">
        <p dir="auto" className="truncate text-base">
          {what.join(' · ')}
        </p>
        <p className="text-muted">
          {t(`state.${i.state}`, { date: date(i.expiresAt), name: i.inviter })} · {used}
        </p>
        <p dir="auto" className="truncate text-muted">
          {t('from', { name: i.inviter, date: date(i.createdAt) })} · …{markOf(i.id)}
        </p>
      </div>
      {/* A void one is valid again when its creator is an administrator again. */}
      {(i.state === 'live' || i.state === 'void') && (
        <Button size="small" onClick={onRevoke}>
          {t('revoke')}
        </Button>
      )}
    </li>
  )
}
