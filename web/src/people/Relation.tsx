import { UserPlus } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Profile } from '@/api/people'
import { Button } from '@/ui/Button'
import { AddFriendDialog } from './AddFriendDialog'
import FriendRequestActions from './FriendRequestActions'
import { useFriendRequests } from './queries'

/** What can be done about being friends with somebody who is not: ask, answer, or take the own request back. */
export function Relation({ person }: { person: Profile }) {
  const { t } = useTranslation('people')
  const [asking, setAsking] = useState(false)
  const requests = useFriendRequests()
  if (person.isFriend || !person.active) return null
  if (person.request) {
    const waiting = requests.data?.items.find((r) => r.state === 'waiting' && (r.from.id === person.id || r.to.id === person.id))
    return (
      <div className="flex flex-wrap items-center gap-3">
        <span className="text-sm text-muted">{t(person.request === 'sent' ? 'youAsked' : 'theyAsked')}</span>
        {waiting && <FriendRequestActions requestId={waiting.id} />}
      </div>
    )
  }
  return (
    <>
      <Button onClick={() => setAsking(true)}>
        <UserPlus aria-hidden className="size-4" />
        {t('addFriend')}
      </Button>
      <AddFriendDialog open={asking} onOpenChange={setAsking} person={person} />
    </>
  )
}
