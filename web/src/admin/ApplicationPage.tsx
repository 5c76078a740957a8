import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { changeApplication, listApplications, rotate, type AdminApplication, type ApplicationPatch } from '@/api/admin'
import { useTrouble } from '@/app/useTrouble'
import { refusal } from '@/lib/refusal'
import { fullTime } from '@/lib/time'
import { useOnce } from '@/lib/useOnce'
import { useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { Card, Facts, PageColumn } from '@/ui/Card'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { Dialog } from '@/ui/Dialog'
import { NativeSelect } from '@/ui/NativeSelect'
import { Spinner } from '@/ui/Spinner'
import { toast } from '@/ui/toast'
import { ApplicationFields, type Fields, type Push, type Scope } from './ApplicationFields'
import { BackLink } from './BackLink'
import { Problem } from './Problem'
import { SecretDialog } from './SecretDialog'
import { Tag } from './Tag'

/** The page of an application: its data and permissions, its secrets, and the button that disables it. */
export default function ApplicationPage({ id }: { id: string }) {
  const { t } = useTranslation(['admin', 'ui'])
  const query = useQuery({ queryKey: ['admin', 'applications'], queryFn: ({ signal }) => listApplications(signal), staleTime: 0 })
  const trouble = useTrouble(query)
  const owner = useStore((s) => s.me?.role === 'owner')
  const application = query.data?.find((a) => a.id === id)
  // An application that calls the host API is as powerful as an owner.
  const locked = application?.kind === 'server' && !owner
  return (
    <PageColumn label={application?.name}>
      <BackLink to="/admin/applications" text={t('applications.all')} />
      {trouble && <Problem trouble={trouble} />}
      {query.isPending && !trouble && <Spinner label={t('ui:loading')} className="mx-auto size-5" />}
      {query.data && !application && <Problem trouble={{ text: t('applications.missing'), retry: null }} />}
      {application && (
        <>
          <Head application={application} />
          {/* Begins anew with what the server has stored. */}
          <Settings key={JSON.stringify(fieldsOf(application))} application={application} locked={locked} />
          {application.kind === 'server' && <Credentials application={application} what="secret" owner={owner} />}
          <Credentials application={application} what="signing-key" owner={owner} />
          <Access application={application} locked={locked} />
        </>
      )}
    </PageColumn>
  )
}

function Head({ application: a }: { application: AdminApplication }) {
  const { t, i18n } = useTranslation('admin')
  return (
    <Card className="flex flex-col gap-4">
      <div>
        <h2 dir="auto" className="text-lg font-semibold break-words">
          {a.name}
        </h2>
        <p className="mt-1 flex flex-wrap gap-1">
          <Tag>{t(`applications.kinds.${a.kind}`)}</Tag>
          {a.kind === 'server' && <Tag tone="accent">{t('applications.ownersOnly')}</Tag>}
          {a.disabledAt && <Tag tone="danger">{t('applications.disabled')}</Tag>}
        </p>
      </div>
      <Facts
        facts={[
          [t('applications.key'), a.key],
          [t('groups.id'), a.id],
          [t('person.created'), fullTime(a.createdAt, i18n.language)],
          [t('applications.seen'), a.lastSeenAt ? fullTime(a.lastSeenAt, i18n.language) : t('applications.neverSeen')],
          [t('applications.disabled'), a.disabledAt ? fullTime(a.disabledAt, i18n.language) : undefined],
          [t('applications.organization'), a.organization],
        ]}
      />
      <p className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
        {a.kind !== 'server' && (
          <Link href={`/admin/sessions?${new URLSearchParams({ application: a.id })}`} className="text-accent underline-offset-4 hover:underline">
            {t('applications.sessions')}
          </Link>
        )}
        <Link href={`/admin/audit?${new URLSearchParams({ target: a.id, targetName: a.name })}`} className="text-accent underline-offset-4 hover:underline">
          {t('applications.inLog')}
        </Link>
      </p>
    </Card>
  )
}

const fieldsOf = (a: AdminApplication): Fields => ({
  name: a.name,
  url: a.url,
  kind: a.kind,
  scopes: a.scopes as Scope[],
  mutedPushes: a.mutedPushes as Push[],
})

/** Reads everything of the administration again after a change. */
function useRenew(): () => Promise<void> {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: ['admin'] })
}

function Settings({ application: a, locked }: { application: AdminApplication; locked: boolean }) {
  const { t } = useTranslation('admin')
  const renew = useRenew()
  const before = fieldsOf(a)
  const [fields, setFields] = useState(before)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const differs = (name: keyof Fields): boolean => JSON.stringify(fields[name]) !== JSON.stringify(before[name])
  const changed = (Object.keys(before) as (keyof Fields)[]).filter(differs)
  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    if (!fields.name.trim()) return setProblem(t('nameMissing'))
    if (fields.kind === 'server' && fields.scopes.length === 0) return setProblem(t('applications.scopeMissing'))
    setBusy(true)
    setProblem('')
    try {
      await changeApplication(a.id, Object.fromEntries(changed.map((name) => [name, fields[name]])) as ApplicationPatch)
      toast(t('saved'), 'success')
      await renew()
    } catch (error) {
      setProblem(refusal(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Card title={t('applications.settings')} {...(locked && { hint: t('applications.lockedHint') })}>
      <form noValidate onSubmit={(e) => void submit(e)} className="flex flex-col gap-4">
        <ApplicationFields fields={fields} onChange={setFields} offered={(kind) => (kind === 'server') === (a.kind === 'server')} disabled={locked} />
        {problem && (
          <p role="alert" className="text-sm text-danger">
            {problem}
          </p>
        )}
        {!locked && (
          <Button type="submit" kind="primary" busy={busy} disabled={changed.length === 0} className="self-start">
            {t('save')}
          </Button>
        )}
      </form>
    </Card>
  )
}

/** Choices for the time that the previous secret stays valid, in seconds. */
const overlaps = ['86400', '3600', '604800', '0'] as const

function Credentials({ application: a, what, owner }: { application: AdminApplication; what: 'secret' | 'signing-key'; owner: boolean }) {
  const { t, i18n } = useTranslation('admin')
  const renew = useRenew()
  const once = useOnce()
  const [asking, setAsking] = useState(false)
  const [overlap, setOverlap] = useState<(typeof overlaps)[number]>('86400')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const [made, setMade] = useState<string>()
  const all = what === 'secret' ? a.secrets : a.signingKeys
  const first = all.length === 0
  const act = async (): Promise<void> => {
    setBusy(true)
    setProblem('')
    try {
      const seconds = first ? 0 : Number(overlap)
      const { secret } = await once([a.id, what, seconds], (key) => rotate(a.id, what, seconds, key))
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
    <Card title={t(`applications.${what}.title`)} hint={t(`applications.${what}.hint`)} className="flex flex-col items-start gap-3">
      {first ? (
        <p className="text-sm text-muted">{t(`applications.${what}.none`)}</p>
      ) : (
        <ul aria-label={t(`applications.${what}.title`)} className="w-full divide-y divide-line text-sm">
          {all.map((c, i) => (
            <li key={`${c.createdAt ?? 0} ${c.expiresAt ?? 0}`} className="flex flex-wrap items-center gap-x-3 py-2 first:pt-0">
              <Tag tone={i === 0 ? 'success' : 'plain'}>{t(i === 0 ? 'applications.newest' : 'applications.previous')}</Tag>
              <span>{c.createdAt ? t('applications.since', { date: fullTime(c.createdAt, i18n.language) }) : ''}</span>
              <span className="text-muted">{c.expiresAt ? t('applications.until', { date: fullTime(c.expiresAt, i18n.language) }) : ''}</span>
            </li>
          ))}
        </ul>
      )}
      {owner ? (
        <Button onClick={() => setAsking(true)}>{t(`applications.${what}.${first ? 'make' : 'rotate'}`)}</Button>
      ) : (
        <p className="text-sm text-muted">{t('applications.ownersRotate')}</p>
      )}
      <Dialog
        open={asking}
        onOpenChange={(open) => {
          setProblem('')
          setAsking(open)
        }}
        title={t(`applications.${what}.${first ? 'make' : 'rotate'}`)}
        description={t(`applications.${what}.text`)}
        footer={
          <Button kind="primary" busy={busy} onClick={() => void act()}>
            {t(`applications.${what}.${first ? 'make' : 'rotate'}`)}
          </Button>
        }
      >
        {!first && (
          <NativeSelect
            label={t('applications.overlap')}
            hint={t('applications.overlapHint')}
            value={overlap}
            options={overlaps.map((value) => ({ value, label: t(`applications.overlaps.${value}`) }))}
            onValueChange={setOverlap}
          />
        )}
        {problem && (
          <p role="alert" className="pt-2 text-sm text-danger">
            {problem}
          </p>
        )}
      </Dialog>
      <SecretDialog secret={made} title={t(`applications.${what}.made`)} onClose={() => setMade(undefined)} />
    </Card>
  )
}

function Access({ application: a, locked }: { application: AdminApplication; locked: boolean }) {
  const { t } = useTranslation('admin')
  const renew = useRenew()
  const [asking, setAsking] = useState(false)
  const what = a.disabledAt ? 'enable' : 'disable'
  return (
    <Card title={t('applications.access')} hint={t('applications.accessHint')} className="flex flex-col items-start gap-3">
      {locked ? (
        <p className="text-sm text-muted">{t('applications.lockedHint')}</p>
      ) : a.webClient && !a.disabledAt ? (
        <p className="text-sm text-muted">{t('applications.webClientHint')}</p>
      ) : (
        <Button warns={!a.disabledAt} onClick={() => setAsking(true)}>
          {t(`applications.${what}`)}
        </Button>
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t(`applications.${what}Title`, { name: a.name })}
        text={t(`applications.${what}Text`)}
        confirm={t(`applications.${what}`)}
        danger={!a.disabledAt}
        onConfirm={async () => {
          await changeApplication(a.id, { disabled: !a.disabledAt })
          toast(t(`applications.${what}Done`, { name: a.name }), 'success')
          await renew()
        }}
      />
    </Card>
  )
}
