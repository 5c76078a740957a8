import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import {
  changeSubscription, listSubscriptions, removeSubscription, rotateSubscriptionSecret, testSubscription, type AdminSubscription, type SubscriptionPatch,
} from '@/api/admin'
import { useTrouble } from '@/app/useTrouble'
import { refusal } from '@/lib/refusal'
import { fullTime } from '@/lib/time'
import { useOnce } from '@/lib/useOnce'
import { useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { Card, Facts, Note, PageColumn } from '@/ui/Card'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { Dialog } from '@/ui/Dialog'
import { NativeSelect } from '@/ui/NativeSelect'
import { Spinner } from '@/ui/Spinner'
import { toast } from '@/ui/toast'
import { BackLink } from './BackLink'
import { DeadLetters } from './DeadLetters'
import { Problem } from './Problem'
import { SecretDialog } from './SecretDialog'
import { SubscriptionFields, type Fields, type Kind } from './SubscriptionFields'
import { countOf, SubscriptionState } from './SubscriptionState'
import { Tag } from './Tag'

/** Time between two looks at the state, in milliseconds. */
const look = 5000

/** The page of a subscription: its state, its settings and secrets, and the events that were given up. */
export default function SubscriptionPage({ id }: { id: string }) {
  const { t } = useTranslation(['admin', 'ui'])
  const query = useQuery({ queryKey: ['admin', 'subscriptions'], queryFn: ({ signal }) => listSubscriptions(signal), staleTime: 0, refetchInterval: look })
  const trouble = useTrouble(query)
  const owner = useStore((s) => s.me?.role === 'owner')
  const subscription = query.data?.find((s) => s.id === id)
  return (
    <PageColumn label={subscription && (subscription.note || subscription.appName)}>
      <BackLink to="/admin/subscriptions" text={t('subscriptions.all')} />
      {trouble && <Problem trouble={trouble} />}
      {query.isPending && !trouble && <Spinner label={t('ui:loading')} className="mx-auto size-5" />}
      {query.data && !subscription && <Problem trouble={{ text: t('subscriptions.missing'), retry: null }} />}
      {subscription && (
        <>
          <Head subscription={subscription} owner={owner} />
          {owner ? (
            <>
              {subscription.deadLetters > 0 && <DeadLetters subscription={subscription} />}
              {/* Begins anew with what the server has stored. */}
              <Settings key={JSON.stringify(fieldsOf(subscription))} subscription={subscription} />
              <Secrets subscription={subscription} />
              <End subscription={subscription} />
            </>
          ) : (
            <Note>{t('subscriptions.ownersOnly')}</Note>
          )}
        </>
      )}
    </PageColumn>
  )
}

/** Reads everything of the administration again after a change. */
function useRenew(): () => Promise<void> {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: ['admin'] })
}

/** Returns the name of the sentence about the state. */
function stateText(s: AdminSubscription): 'active' | 'failing' | 'paused' | 'disabled' | 'by-hand' | 'gone' | 'stopped-failing' {
  if (s.state !== 'stopped') return s.state
  return s.stopped === 'failing' ? 'stopped-failing' : (s.stopped ?? 'by-hand')
}

function Head({ subscription: s, owner }: { subscription: AdminSubscription; owner: boolean }) {
  const { t, i18n } = useTranslation('admin')
  const renew = useRenew()
  const once = useOnce()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const time = (at: number | undefined): string | undefined => (at ? fullTime(at, i18n.language) : undefined)
  const act = async (what: () => Promise<unknown>, done: string): Promise<void> => {
    setBusy(true)
    setProblem('')
    try {
      await what()
      toast(done, 'success')
      await renew()
    } catch (error) {
      setProblem(refusal(error))
    } finally {
      setBusy(false)
    }
  }
  // A receiver that fails is tried again at once.
  const starts = s.state !== 'active' && s.state !== 'disabled'
  return (
    <Card className="flex flex-col gap-4">
      <div>
        <h2 dir="auto" className="text-lg font-semibold break-words">
          {s.note || s.appName}
        </h2>
        <p className="mt-1 flex flex-wrap gap-1">
          <SubscriptionState subscription={s} />
        </p>
        <p className="mt-2 text-sm text-muted">{t(`subscriptions.stateTexts.${stateText(s)}`)}</p>
      </div>
      <Facts
        facts={[
          [t('subscriptions.url'), s.url],
          [
            t('subscriptions.application'),
            <Link key="app" href={`/admin/applications/${encodeURIComponent(s.app)}`} className="text-accent underline-offset-4 hover:underline">
              {s.appName}
            </Link>,
          ],
          [t('person.created'), time(s.createdAt)],
          [t('subscriptions.delivered'), time(s.deliveredAt) ?? t('subscriptions.neverDelivered')],
          [t('subscriptions.waiting'), countOf(s.waiting, i18n.language)],
          [t('subscriptions.oldest'), time(s.oldestAt)],
          [t('subscriptions.dead'), countOf(s.deadLetters, i18n.language)],
          [t('subscriptions.failingSince'), time(s.failingSince)],
          [t('subscriptions.failure'), s.failure],
          [t('subscriptions.retryAt'), time(s.retryAt)],
          [t('subscriptions.stoppedAt'), time(s.stoppedAt)],
        ]}
      />
      {problem && (
        <p role="alert" className="text-sm text-danger">
          {problem}
        </p>
      )}
      <p className="flex flex-wrap items-center gap-2">
        {owner && starts && (
          <Button busy={busy} onClick={() => void act(() => changeSubscription(s.id, { stopped: false }), t('subscriptions.started'))}>
            {t(s.state === 'stopped' ? 'subscriptions.start' : 'subscriptions.tryNow')}
          </Button>
        )}
        {owner && s.state !== 'stopped' && s.state !== 'disabled' && (
          <>
            <Button busy={busy} onClick={() => void act(() => once([s.id, 'test'], (key) => testSubscription(s.id, key)), t('subscriptions.tested'))}>
              {t('subscriptions.test')}
            </Button>
            <Button busy={busy} onClick={() => void act(() => changeSubscription(s.id, { stopped: true }), t('subscriptions.stopped'))}>
              {t('subscriptions.stop')}
            </Button>
          </>
        )}
        <Link href={`/admin/audit?${new URLSearchParams({ target: s.app, targetName: s.appName, kind: 'subscription.' })}`} className="text-sm text-accent underline-offset-4 hover:underline">
          {t('applications.inLog')}
        </Link>
      </p>
    </Card>
  )
}

const fieldsOf = (s: AdminSubscription): Fields => ({ url: s.url, note: s.note, kinds: s.kinds as Kind[] })

function Settings({ subscription: s }: { subscription: AdminSubscription }) {
  const { t } = useTranslation('admin')
  const renew = useRenew()
  const before = fieldsOf(s)
  const [fields, setFields] = useState(before)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const changed = (Object.keys(before) as (keyof Fields)[]).filter((name) => JSON.stringify(fields[name]) !== JSON.stringify(before[name]))
  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    if (!fields.url.trim()) return setProblem(t('subscriptions.urlMissing'))
    if (fields.kinds.length === 0) return setProblem(t('subscriptions.kindMissing'))
    setBusy(true)
    setProblem('')
    try {
      await changeSubscription(s.id, Object.fromEntries(changed.map((name) => [name, fields[name]])) as SubscriptionPatch)
      toast(t('saved'), 'success')
      await renew()
    } catch (error) {
      setProblem(refusal(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Card title={t('subscriptions.settings')}>
      <form noValidate onSubmit={(e) => void submit(e)} className="flex flex-col gap-4">
        <SubscriptionFields fields={fields} onChange={setFields} />
        {problem && (
          <p role="alert" className="text-sm text-danger">
            {problem}
          </p>
        )}
        <Button type="submit" kind="primary" busy={busy} disabled={changed.length === 0} className="self-start">
          {t('save')}
        </Button>
      </form>
    </Card>
  )
}

/** Choices for the time that the previous secret stays valid, in seconds. */
const overlaps = ['86400', '3600', '604800', '0'] as const

function Secrets({ subscription: s }: { subscription: AdminSubscription }) {
  const { t, i18n } = useTranslation('admin')
  const renew = useRenew()
  const once = useOnce()
  const [asking, setAsking] = useState(false)
  const [overlap, setOverlap] = useState<(typeof overlaps)[number]>('86400')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const [made, setMade] = useState<string>()
  const act = async (): Promise<void> => {
    setBusy(true)
    setProblem('')
    try {
      const seconds = Number(overlap)
      const { secret } = await once([s.id, 'secret', seconds], (key) => rotateSubscriptionSecret(s.id, seconds, key))
      setAsking(false)
      setMade(secret)
      await renew()
    } catch (error) {
      setProblem(refusal(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Card title={t('subscriptions.secrets')} hint={t('subscriptions.secretsHint')} className="flex flex-col items-start gap-3">
      <ul aria-label={t('subscriptions.secrets')} className="w-full divide-y divide-line text-sm">
        {s.secrets.map((c, i) => (
          <li key={`${c.createdAt ?? 0} ${c.expiresAt ?? 0}`} className="flex flex-wrap items-center gap-x-3 py-2 first:pt-0">
            <Tag tone={i === 0 ? 'success' : 'plain'}>{t(i === 0 ? 'applications.newest' : 'applications.previous')}</Tag>
            <span>{c.createdAt ? t('applications.since', { date: fullTime(c.createdAt, i18n.language) }) : ''}</span>
            <span className="text-muted">{c.expiresAt ? t('applications.until', { date: fullTime(c.expiresAt, i18n.language) }) : ''}</span>
          </li>
        ))}
      </ul>
      <Button onClick={() => setAsking(true)}>{t('subscriptions.rotate')}</Button>
      <Dialog
        open={asking}
        onOpenChange={(open) => {
          setProblem('')
          setAsking(open)
        }}
        title={t('subscriptions.rotate')}
        description={t('subscriptions.rotateText')}
        footer={
          <Button kind="primary" busy={busy} onClick={() => void act()}>
            {t('subscriptions.rotate')}
          </Button>
        }
      >
        <NativeSelect
          label={t('applications.overlap')}
          hint={t('subscriptions.overlapHint')}
          value={overlap}
          options={overlaps.map((value) => ({ value, label: t(`applications.overlaps.${value}`) }))}
          onValueChange={setOverlap}
        />
        {problem && (
          <p role="alert" className="pt-2 text-sm text-danger">
            {problem}
          </p>
        )}
      </Dialog>
      <SecretDialog secret={made} title={t('subscriptions.secretMade')} onClose={() => setMade(undefined)} />
    </Card>
  )
}

function End({ subscription: s }: { subscription: AdminSubscription }) {
  const { t } = useTranslation('admin')
  const [, navigate] = useLocation()
  const renew = useRenew()
  const [asking, setAsking] = useState(false)
  return (
    <Card className="flex flex-col items-start gap-3">
      <Button warns onClick={() => setAsking(true)}>
        {t('subscriptions.remove')}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('subscriptions.removeTitle')}
        text={t('subscriptions.removeText')}
        confirm={t('subscriptions.remove')}
        danger
        onConfirm={async () => {
          await removeSubscription(s.id)
          toast(t('subscriptions.removed'), 'success')
          navigate('/admin/subscriptions')
          await renew()
        }}
      />
    </Card>
  )
}
