import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { acceptRequest, declineRequest, takeRequestBack } from '@/api/friends'
import { useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { toastError } from '@/ui/toast'
import { useFriendRequests, useFriendsChanged } from './queries'

/** The answers to a friend request; of an own one the way to take it back; of an answered one what became of it. */
export default function FriendRequestActions({ requestId }: { requestId: string }) {
  const { t } = useTranslation('people')
  const me = useStore((s) => s.me?.id)
  const requests = useFriendRequests()
  const changed = useFriendsChanged()
  const [busy, setBusy] = useState('')
  const request = requests.data?.items.find((r) => r.id === requestId)

  const run = async (name: string, change: (id: string) => Promise<unknown>) => {
    setBusy(name)
    try {
      await change(requestId)
    } catch (e) {
      toastError(e)
    }
    // After a refusal, too: somebody else's answer may be why.
    await changed()
    setBusy('')
  }
  if (!requests.isSuccess) return null
  if (!request) return <span className="text-sm text-muted">{t('states.gone')}</span>
  if (request.state !== 'waiting') return <span className="text-sm text-muted">{t(`states.${request.state}`)}</span>
  if (request.from.id === me) {
    return (
      <Button size="small" busy={busy === 'back'} onClick={() => void run('back', takeRequestBack)}>
        {t('takeBack')}
      </Button>
    )
  }
  return (
    <span className="flex gap-2">
      <Button size="small" kind="primary" busy={busy === 'accept'} disabled={!!busy} onClick={() => void run('accept', acceptRequest)}>
        {t('accept')}
      </Button>
      <Button size="small" busy={busy === 'decline'} disabled={!!busy} onClick={() => void run('decline', declineRequest)}>
        {t('decline')}
      </Button>
    </span>
  )
}
