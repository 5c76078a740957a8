import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { listDeadLetters, replayDeadLetter, replayDeadLetters, type AdminDeadLetter, type AdminSubscription } from '@/api/admin'
import { useTrouble } from '@/app/useTrouble'
import { refusal } from '@/lib/refusal'
import { fullTime } from '@/lib/time'
import { useOnce } from '@/lib/useOnce'
import { Button } from '@/ui/Button'
import { Card } from '@/ui/Card'
import { TextField } from '@/ui/TextField'
import { toast } from '@/ui/toast'
import { Problem } from './Problem'
import { kinds, textOf } from './SubscriptionFields'
import { usePages } from './usePages'

/** The events that were given up. They are posted again one by one, or from a time on. */
export function DeadLetters({ subscription: s }: { subscription: AdminSubscription }) {
  const { t } = useTranslation('admin')
  const client = useQueryClient()
  const once = useOnce()
  const pages = usePages(['deadletters', s.id], (next, signal) => listDeadLetters(s.id, next, signal))
  const trouble = useTrouble(pages)
  const [from, setFrom] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const items = pages.data?.pages.flatMap((p) => p.items) ?? []
  const replay = async (what: () => Promise<number>): Promise<void> => {
    setBusy(true)
    setProblem('')
    try {
      toast(t('subscriptions.replayed', { count: await what() }), 'success')
    } catch (error) {
      setProblem(refusal(error))
    } finally {
      await client.invalidateQueries({ queryKey: ['admin'] })
      setBusy(false)
    }
  }
  /** The server does some thousand with each call. */
  const replayFrom = async (): Promise<number> => {
    const at = from ? new Date(from).getTime() : 0
    for (let sum = 0; ; ) {
      const { replayed, more } = await once([s.id, at, sum], (key) => replayDeadLetters(s.id, at, key))
      sum += replayed
      if (!more) return sum
    }
  }
  const replayOne = async (id: string): Promise<number> => {
    await once([s.id, id], (key) => replayDeadLetter(s.id, id, key))
    return 1
  }
  return (
    <Card title={t('subscriptions.dead')} hint={t('subscriptions.deadHint')} className="flex flex-col gap-4">
      {trouble && <Problem trouble={trouble} />}
      <div className="flex flex-wrap items-end gap-2">
        <TextField type="datetime-local" label={t('subscriptions.from')} value={from} onValueChange={setFrom} />
        <Button busy={busy} onClick={() => void replay(replayFrom)}>
          {t(from ? 'subscriptions.replayFrom' : 'subscriptions.replayAll')}
        </Button>
      </div>
      {problem && (
        <p role="alert" className="text-sm text-danger">
          {problem}
        </p>
      )}
      <ul aria-label={t('subscriptions.dead')} className="divide-y divide-line">
        {items.map((letter) => (
          <Letter key={letter.id} letter={letter} busy={busy} onReplay={() => void replay(() => replayOne(letter.id))} />
        ))}
      </ul>
      {pages.hasNextPage && (
        <Button busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()} className="self-start">
          {t('subscriptions.older')}
        </Button>
      )}
    </Card>
  )
}

function Letter({ letter: l, busy, onReplay }: { letter: AdminDeadLetter; busy: boolean; onReplay: () => void }) {
  const { t, i18n } = useTranslation('admin')
  const kind = kinds.find((k) => k === l.kind)
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 py-3 text-sm first:pt-0 last:pb-0">
      <div className="min-w-0 flex-1">
        <p>
          <span className="font-medium">{kind ? t(`subscriptions.kindsOf.${textOf(kind)}`) : l.kind}</span> <time dateTime={new Date(l.at).toISOString()}>{fullTime(l.at, i18n.language)}</time>
        </p>
        <p className="text-muted">{[t('subscriptions.attempts', { count: l.attempts }), l.failure].filter(Boolean).join(' · ')}</p>
        <details>
          <summary className="cursor-pointer text-muted">{t('subscriptions.content')}</summary>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable with the keyboard */}
          <pre tabIndex={0} dir="ltr" className="mt-1 max-h-64 overflow-auto rounded-lg border border-line bg-sunken p-2 text-xs select-text">
            {JSON.stringify(l.body, null, 2)}
          </pre>
        </details>
      </div>
      <Button size="small" busy={busy} onClick={onReplay} aria-label={t('subscriptions.replayOne', { time: fullTime(l.at, i18n.language) })}>
        {t('subscriptions.replay')}
      </Button>
    </li>
  )
}
