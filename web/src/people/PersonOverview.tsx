import { UserX, Users } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { ChatLinks, MuteDirectSwitch, StickySwitch } from '@/group/ChatRows'
import type { DetailsView } from '@/group/details-view'
import { refusal } from '@/lib/refusal'
import { type ChatKey, chatRef } from '@/state/model'
import { Avatar } from '@/ui/Avatar'
import { Button } from '@/ui/Button'
import { EmptyState } from '@/ui/EmptyState'
import { onDemand } from '@/ui/onDemand'
import { AvailabilityLine } from './Availability'
import { PersonFacts } from './PersonFacts'
import { Relation } from './Relation'
import { useFreshPeople, useProfile } from './queries'

const NewGroupDialog = onDemand(() => import('@/group/NewGroupDialog'))

/** The person whom a chat is with. */
export function PersonOverview({ chat, onShow }: { chat: ChatKey; onShow: (view: DetailsView) => void }) {
  const { t } = useTranslation('people')
  useFreshPeople()
  const profile = useProfile(chatRef(chat).id)
  const [grouping, setGrouping] = useState(false)
  const person = profile.data
  return (
    <div className="flex h-full flex-col gap-4 overflow-y-auto p-4">
      {profile.isError && (
        <div className="h-48">
          <EmptyState icon={UserX} title={refusal(profile.error)} />
        </div>
      )}
      {person && (
        <>
          <div className="flex flex-col items-center gap-2 pt-4 text-center">
            <Avatar name={person.name} src={person.avatar} seed={person.id} size="large" />
            <Link href={`/people/${encodeURIComponent(person.id)}`} dir="auto" className="font-semibold break-words hover:underline">
              {person.name}
            </Link>
            <AvailabilityLine id={person.id} />
            {!person.active && <p className="text-sm text-muted">{t('inactive')}</p>}
            {!person.isContact && <Relation person={person} />}
          </div>
          {person.isContact && (
            <Button onClick={() => setGrouping(true)} className="mx-3">
              <Users aria-hidden className="size-4" />
              {t('startGroup')}
            </Button>
          )}
          <div className="px-3">
            <PersonFacts person={person} />
          </div>
          {grouping && <NewGroupDialog open onOpenChange={setGrouping} members={[person]} />}
        </>
      )}
      <ChatLinks onShow={onShow} />
      <div className="flex flex-col gap-3 px-3">
        <StickySwitch chat={chat} />
        <MuteDirectSwitch chat={chat} />
      </div>
    </div>
  )
}
