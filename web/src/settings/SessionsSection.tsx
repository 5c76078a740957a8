import { useQuery, useQueryClient } from '@tanstack/react-query'
import { MonitorSmartphone } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { endOtherSessions, endSession, listSessions, type SignInPlace } from '@/api/session'
import { signOut } from '@/app/signOut'
import { useTrouble } from '@/app/useTrouble'
import { cn } from '@/lib/cn'
import { fullTime, shortTime } from '@/lib/time'
import { Button } from '@/ui/Button'
import { Card, Note } from '@/ui/Card'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { toast, toastError } from '@/ui/toast'

const queryKey = ['sessions']

/** Where the account is signed in, and how to end that. */
export default function SessionsSection() {
  const { t } = useTranslation('settings')
  const client = useQueryClient()
  const sessions = useQuery({ queryKey, queryFn: ({ signal }) => listSessions(signal), staleTime: 0 })
  const trouble = useTrouble(sessions)
  const [asking, setAsking] = useState(false)
  if (trouble) {
    return (
      <Card className={cn('flex flex-col items-start gap-3', trouble.retry ? 'text-danger' : 'text-muted')}>
        <p role="alert">{trouble.text}</p>
        {trouble.retry && <Button onClick={trouble.retry}>{t('retry')}</Button>}
      </Card>
    )
  }
  const items = sessions.data?.items ?? []
  const endOthers = async (): Promise<void> => {
    try {
      await endOtherSessions()
    } finally {
      await client.invalidateQueries({ queryKey })
    }
    toast(t('endedOthers'), 'success')
  }
  return (
    <>
      <Note>{t('sessionsHint')}</Note>
      <ul className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-ground">
        {items
          .toSorted((a, b) => Number(b.current) - Number(a.current))
          .map((s) => (
            <SessionRow key={s.sessionId} session={s} />
          ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setAsking(true)}>
          {t('endOthers')}
        </Button>
        <Button kind="danger" onClick={signOut}>
          {t('signOutHere')}
        </Button>
      </div>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('endOthersTitle')}
        text={t('endOthersText')}
        confirm={t('endOthers')}
        danger
        onConfirm={endOthers}
      />
    </>
  )
}

function SessionRow({ session }: { session: SignInPlace }) {
  const { t, i18n } = useTranslation('settings')
  const client = useQueryClient()
  const [busy, setBusy] = useState(false)
  const end = async (): Promise<void> => {
    setBusy(true)
    try {
      await endSession(session.sessionId)
    } catch (e) {
      toastError(e)
    }
    await client.invalidateQueries({ queryKey })
    setBusy(false)
  }
  const seen = session.lastSeenAt ?? session.createdAt
  const name = session.device || session.app || t('unknownDevice')
  return (
    <li className="flex items-center gap-3 px-4 py-3 sm:px-5">
      <MonitorSmartphone aria-hidden className="size-6 shrink-0 text-muted" />
      <div className="min-w-0 flex-1">
        <p className="truncate">{name}</p>
        <p className="truncate text-sm text-muted" title={fullTime(session.createdAt, i18n.language)}>
          {session.current ? t('thisDevice') : t('lastSeen', { time: shortTime(seen, i18n.language) })}
          {session.app && session.device && ` · ${session.app}`}
        </p>
      </div>
      {!session.current && (
        <Button size="small" busy={busy} aria-label={t('endOne', { device: name })} onClick={() => void end()}>
          {t('end')}
        </Button>
      )}
    </li>
  )
}
