import { MessageCircle, UserRound, UserX, Users } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { removeFriend } from '@/api/friends'
import { PageIcon, PaneHeader } from '@/app/PaneHeader'
import { useTrouble } from '@/app/useTrouble'
import { useStore } from '@/state/store'
import { Avatar } from '@/ui/Avatar'
import { Button } from '@/ui/Button'
import { Card, PageColumn } from '@/ui/Card'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { EmptyState } from '@/ui/EmptyState'
import { onDemand } from '@/ui/onDemand'
import { AvailabilityLine } from './Availability'
import { PersonFacts } from './PersonFacts'
import { Relation } from './Relation'
import { useFreshPeople, useFriendsChanged, useProfile } from './queries'
import { useOpenChat } from './useOpenChat'

const NewGroupDialog = onDemand(() => import('@/group/NewGroupDialog'))

/** A person's page: who they are, and what one may do with them. */
export function ProfileView({ id }: { id: string }) {
  const { t } = useTranslation('people')
  useFreshPeople()
  const open = useOpenChat()
  const me = useStore((s) => s.me?.id)
  const profile = useProfile(id)
  const trouble = useTrouble(profile)
  const changed = useFriendsChanged()
  const [grouping, setGrouping] = useState(false)
  const [removing, setRemoving] = useState(false)
  const person = profile.data

  if (trouble) {
    return (
      <div className="flex h-full flex-col">
        <PaneHeader title={t('profile')} picture={<PageIcon icon={UserRound} />} back="/people" />
        <EmptyState icon={UserX} title={trouble.text} action={trouble.retry && <Button onClick={trouble.retry}>{t('retry')}</Button>} />
      </div>
    )
  }
  if (!person) {
    return (
      <div className="h-full">
        <PaneHeader title={t('profile')} picture={<PageIcon icon={UserRound} />} back="/people" />
      </div>
    )
  }
  const self = person.id === me
  return (
    <article aria-label={person.name} className="flex h-full flex-col">
      <PaneHeader title={t('profile')} picture={<PageIcon icon={UserRound} />} back="/people" />
      <PageColumn>
        <Card className="flex flex-col gap-5">
          <header className="flex items-center gap-5">
            <Avatar name={person.name} src={person.avatar} seed={person.id} size="large" />
            <div className="min-w-0">
              <h2 dir="auto" className="text-xl font-semibold break-words">{person.name}</h2>
              <AvailabilityLine id={person.id} />
              {!person.active && <p className="text-sm text-muted">{t('inactive')}</p>}
              {person.isFriend && <p className="text-sm text-muted">{t('isFriend')}</p>}
            </div>
          </header>
          <div className="flex flex-wrap gap-2">
            {(person.isContact || self) && (
              <Button kind="primary" onClick={() => open(1, self ? { id: 'file-transfer', name: t('myDevices'), avatar: '' } : person)}>
                <MessageCircle aria-hidden className="size-4" />
                {t(self ? 'myDevices' : 'message')}
              </Button>
            )}
            {person.isContact && !self && (
              <Button onClick={() => setGrouping(true)}>
                <Users aria-hidden className="size-4" />
                {t('startGroup')}
              </Button>
            )}
            {!self && <Relation person={person} />}
          </div>
        </Card>
        <Card>
          <PersonFacts person={person} />
        </Card>
        {person.isFriend && (
          <div>
            <Button kind="quiet" warns onClick={() => setRemoving(true)}>
              {t('removeFriend')}
            </Button>
          </div>
        )}
      </PageColumn>
      {grouping && <NewGroupDialog open onOpenChange={setGrouping} members={[person]} />}
      <ConfirmDialog
        open={removing}
        onOpenChange={setRemoving}
        title={t('removeFriendAsk', { name: person.name })}
        text={t('removeFriendText')}
        confirm={t('removeFriend')}
        danger
        onConfirm={async () => {
          await removeFriend(person.id)
          await changed()
        }}
      />
    </article>
  )
}
