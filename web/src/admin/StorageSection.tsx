import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { getAccess, getRetention, listAllGroups, previewRetention, removeRetention, setRetention, type AdminRetention, type AdminRetentionPreview, type AdminRetentionRule } from '@/api/admin'
import { useRefusal } from '@/app/useRefusal'
import { useTrouble } from '@/app/useTrouble'
import { bytes } from '@/lib/bytes'
import { fullTime } from '@/lib/time'
import { Button } from '@/ui/Button'
import { Card, Facts, PageColumn } from '@/ui/Card'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { NativeSelect } from '@/ui/NativeSelect'
import { Spinner } from '@/ui/Spinner'
import { TextField } from '@/ui/TextField'
import { Problem } from './Problem'

const key = ['admin', 'retention']

/** For how long messages and files are kept, what will be removed, and the backups. */
export default function StorageSection() {
  const { t } = useTranslation(['admin', 'ui'])
  const query = useQuery({ queryKey: key, queryFn: ({ signal }) => getRetention(signal), staleTime: 0, refetchInterval: 10_000 })
  const trouble = useTrouble(query)
  return (
    <PageColumn>
      {trouble && <Problem trouble={trouble} />}
      {query.isPending && !trouble && <Spinner label={t('ui:loading')} className="mx-auto size-5" />}
      {query.data && (
        <>
          <Rules rules={query.data.rules} />
          <Run run={query.data.run} />
          <Backups retention={query.data} />
        </>
      )}
    </PageColumn>
  )
}

function Rules({ rules }: { rules: AdminRetentionRule[] }) {
  const { t } = useTranslation('admin')
  const client = useQueryClient()
  const [removing, setRemoving] = useState<AdminRetentionRule | null>(null)
  return (
    <Card title={t('storage.rules')} hint={t('storage.rulesHint')} className="flex flex-col gap-4">
      {rules.length === 0 && <p className="text-sm text-muted">{t('storage.none')}</p>}
      <ul aria-label={t('storage.rules')} className="divide-y divide-line">
        {rules.map((r) => (
          <li key={`${r.scope} ${r.id}`} className="flex items-center gap-3 py-2 first:pt-0">
            <span dir="auto" className="min-w-0 flex-1 truncate">
              {t(`storage.scopes.${r.scope}`, { name: r.name || t('unnamedGroup') })}
            </span>
            <span className="text-sm text-muted">{r.days === 0 ? t('storage.forever') : t('storage.days', { count: r.days })}</span>
            <Button size="small" aria-label={t('storage.removeOne', { name: r.name })} onClick={() => setRemoving(r)}>
              {t('storage.remove')}
            </Button>
          </li>
        ))}
      </ul>
      <NewRule />
      <ConfirmDialog
        open={removing !== null}
        onOpenChange={(open) => !open && setRemoving(null)}
        title={t('storage.removeTitle', { name: removing?.name ?? '' })}
        text={t('storage.removeText')}
        confirm={t('storage.remove')}
        onConfirm={async () => {
          if (removing) await removeRetention(removing.scope, removing.id)
          await client.invalidateQueries({ queryKey: key })
        }}
      />
    </Card>
  )
}

/** Sets a rule, after it has said what will be removed. */
function NewRule() {
  const { t } = useTranslation('admin')
  const client = useQueryClient()
  const refusal = useRefusal()
  const access = useQuery({ queryKey: ['admin', 'access'], queryFn: ({ signal }) => getAccess(signal) })
  const groups = useQuery({ queryKey: ['admin', 'retention-groups'], queryFn: ({ signal }) => listAllGroups({}, undefined, signal) })
  const [of, setOf] = useState('')
  const [days, setDays] = useState('365')
  const [preview, setPreview] = useState<AdminRetentionPreview | null>(null)
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const organization = access.data?.organization
  const options = [
    ...(organization ? [{ value: `organization ${organization.organizationId}`, label: organization.name }] : []),
    ...(groups.data?.items ?? []).map((g) => ({ value: `group ${g.groupId}`, label: g.name || t('unnamedGroup'), group: t('sections.groups') })),
  ]
  const chosen = of || options[0]?.value || ''
  const [scope, id] = [chosen.split(' ', 1)[0] as AdminRetentionRule['scope'], chosen.slice(chosen.indexOf(' ') + 1)]
  const number = days.trim() === '' ? 0 : Number(days)
  const look = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    if (!Number.isInteger(number) || number < 0) return setProblem(t('storage.daysWrong'))
    setBusy(true)
    setProblem('')
    try {
      setPreview(await previewRetention(scope, id, number))
    } catch (error) {
      setProblem(refusal(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form noValidate onSubmit={(e) => void look(e)} className="grid gap-3 sm:grid-cols-[1fr_10rem_auto] sm:items-end">
      <NativeSelect label={t('storage.of')} value={chosen} options={options} onValueChange={setOf} />
      <TextField label={t('storage.daysLabel')} hint={t('storage.daysHint')} inputMode="numeric" value={days} onValueChange={setDays} error={problem} />
      <Button type="submit" busy={busy}>
        {t('storage.preview')}
      </Button>
      <ConfirmDialog
        open={preview !== null}
        onOpenChange={(open) => !open && setPreview(null)}
        title={t('storage.confirmTitle')}
        text={preview ? <What preview={preview} /> : ''}
        confirm={t('save')}
        danger={preview !== null && preview.messages > 0}
        onConfirm={async () => {
          await setRetention(scope, id, number)
          await client.invalidateQueries({ queryKey: key })
        }}
      />
    </form>
  )
}

function What({ preview: p }: { preview: AdminRetentionPreview }) {
  const { t, i18n } = useTranslation('admin')
  if (p.messages === 0) return <>{t('storage.nothing')}</>
  const number = new Intl.NumberFormat(i18n.language)
  return (
    <>
      {t('storage.what', {
        messages: number.format(p.messages),
        chats: number.format(p.chats),
        files: number.format(p.files),
        size: bytes(p.bytes, i18n.language),
        oldest: p.oldestAt ? fullTime(p.oldestAt, i18n.language) : '',
      })}
    </>
  )
}

function Run({ run }: { run: AdminRetention['run'] }) {
  const { t, i18n } = useTranslation('admin')
  const number = new Intl.NumberFormat(i18n.language)
  if (!run.beganAt) return null
  return (
    <Card title={t('storage.run')}>
      <Facts
        facts={[
          [t('storage.progress'), run.running ? new Intl.NumberFormat(i18n.language, { style: 'percent' }).format(run.progress) : undefined],
          [t('storage.began'), fullTime(run.beganAt, i18n.language)],
          [t('storage.ended'), run.running || !run.endedAt ? undefined : fullTime(run.endedAt, i18n.language)],
          [t('storage.removed'), number.format(run.messages)],
        ]}
      />
    </Card>
  )
}

function Backups({ retention: { backup, backups } }: { retention: AdminRetention }) {
  const { t, i18n } = useTranslation('admin')
  return (
    <Card title={t('storage.backups')} hint={backup ? undefined : t('overview.noBackup')}>
      {backup && (
        <Facts
          facts={[
            [t('overview.backup'), backup.at ? fullTime(backup.at, i18n.language) : t('overview.noBackup')],
            [t('storage.size'), backup.bytes ? bytes(backup.bytes, i18n.language) : undefined],
            [t('storage.folder'), backup.folder],
            [t('storage.failure'), backup.failure],
          ]}
        />
      )}
      <ul aria-label={t('storage.kept')} className="divide-y divide-line text-sm">
        {backups.map((b) => (
          <li key={b.at} className="py-2">
            {t('storage.one', { at: fullTime(b.at, i18n.language), size: bytes(b.bytes, i18n.language), count: b.files })}
          </li>
        ))}
      </ul>
    </Card>
  )
}
