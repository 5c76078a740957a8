import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { useEffect, useRef, useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { getRetention, listAllGroups, previewRetention, removeRetention, setRetention, type AdminRetention, type AdminRetentionPreview, type AdminRetentionRule } from '@/api/admin'
import { useTrouble } from '@/app/useTrouble'
import { bytes } from '@/lib/bytes'
import { refusal } from '@/lib/refusal'
import { fullTime } from '@/lib/time'
import { useDebounced } from '@/lib/useDebounced'
import { Button } from '@/ui/Button'
import { Card, Facts, PageColumn } from '@/ui/Card'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { NativeSelect } from '@/ui/NativeSelect'
import { Spinner } from '@/ui/Spinner'
import { TextField } from '@/ui/TextField'
import { explainBackup } from './explain'
import { Problem } from './Problem'

const key = ['admin', 'retention']

/** For how long messages and files are kept, how far the removal is, and the backups. */
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
          <Rules retention={query.data} />
          <Run run={query.data.run} />
          <Backups retention={query.data} />
        </>
      )}
    </PageColumn>
  )
}

function Rules({ retention: { rules, organizations } }: { retention: AdminRetention }) {
  const { t } = useTranslation('admin')
  const client = useQueryClient()
  const [removing, setRemoving] = useState<AdminRetentionRule | null>(null)
  const name = (r: AdminRetentionRule): string => t(`storage.scopes.${r.scope}`, { name: r.name || t('unnamedGroup') })
  return (
    <Card title={t('storage.rules')} hint={t('storage.rulesHint')} className="flex flex-col gap-4">
      {rules.length === 0 ? (
        <p className="text-sm text-muted">{t('storage.none')}</p>
      ) : (
        <ul aria-label={t('storage.rules')} className="divide-y divide-line">
          {rules.map((r) => (
            <li key={`${r.scope} ${r.id}`} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2 first:pt-0">
              <span dir="auto" className="min-w-0 flex-1 truncate">
                {name(r)}
              </span>
              <span className="text-sm text-muted">{r.days === 0 ? t('storage.forever') : t('storage.days', { count: r.days })}</span>
              <Button size="small" aria-label={t('storage.removeOne', { name: name(r) })} onClick={() => setRemoving(r)}>
                {t('storage.remove')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <NewRule organizations={organizations} />
      <ConfirmDialog
        open={removing !== null}
        onOpenChange={(open) => !open && setRemoving(null)}
        title={t('storage.removeTitle', { name: removing ? name(removing) : '' })}
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

interface Choice {
  value: string
  label: string
  group?: string
}

/** Sets a rule, after the user has seen what it will remove. */
function NewRule({ organizations }: Pick<AdminRetention, 'organizations'>) {
  const { t, i18n } = useTranslation(['admin', 'ui'])
  const client = useQueryClient()
  const [words, setWords] = useState('')
  const query = useDebounced(words.trim(), 150)
  const groups = useQuery({
    queryKey: ['admin', 'retention-groups', query],
    queryFn: ({ signal }) => listAllGroups({ query: query || undefined }, undefined, signal),
    placeholderData: keepPreviousData,
  })
  const [picked, setPicked] = useState<Choice | null>(null)
  const [days, setDays] = useState('365')
  const [preview, setPreview] = useState<AdminRetentionPreview | null>(null)
  const [problem, setProblem] = useState('')
  const [progress, setProgress] = useState<number | null>(null)
  const running = useRef<AbortController>(null)
  useEffect(() => () => running.current?.abort(), [])
  const options: Choice[] = [
    ...organizations.map((o) => ({ value: `organization ${o.id}`, label: o.name })),
    ...(groups.data?.items ?? []).map((g) => ({ value: `group ${g.groupId}`, label: g.name || t('unnamedGroup'), group: t('sections.groups') })),
  ]
  // The picked group stays in the list, also when the search does not find it.
  if (picked && !options.some((o) => o.value === picked.value)) options.push(picked)
  const chosen = picked ?? options[0]
  const value = chosen?.value ?? ''
  const [scope, id] = [value.split(' ', 1)[0] as AdminRetentionRule['scope'], value.slice(value.indexOf(' ') + 1)]
  const number = days.trim() === '' ? 0 : Number(days)
  const look = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    if (!chosen) return
    if (!Number.isInteger(number) || number < 0 || number > longest) return setProblem(t('storage.daysWrong', { most: new Intl.NumberFormat(i18n.language).format(longest) }))
    const run = new AbortController()
    running.current = run
    setProgress(0)
    setProblem('')
    try {
      setPreview(await previewRetention(scope, id, number, setProgress, run.signal))
    } catch (error) {
      if (!run.signal.aborted) setProblem(refusal(error))
    } finally {
      setProgress(null)
    }
  }
  return (
    <form noValidate aria-label={t('storage.set')} onSubmit={(e) => void look(e)} className="flex flex-col gap-3 border-t border-line pt-4">
      {(groups.data?.next || words) && <TextField label={t('storage.find')} value={words} onValueChange={setWords} />}
      <NativeSelect label={t('storage.of')} value={value} options={options} onValueChange={(next) => setPicked(options.find((o) => o.value === next) ?? null)} />
      <TextField label={t('storage.daysLabel')} hint={t('storage.daysHint')} inputMode="numeric" value={days} onValueChange={setDays} error={problem} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" busy={progress !== null} disabled={!chosen}>
          {t('storage.preview')}
        </Button>
        {progress !== null && <Button onClick={() => running.current?.abort()}>{t('ui:cancel')}</Button>}
      </div>
      {progress !== null && <progress aria-label={t('storage.counting')} {...(progress > 0 && { value: progress })} className="w-full accent-(--color-accent-solid)" />}
      <ConfirmDialog
        open={preview !== null}
        onOpenChange={(open) => !open && setPreview(null)}
        title={t('storage.confirmTitle', { name: chosen?.label ?? '', days: number === 0 ? t('storage.forever') : t('storage.days', { count: number }) })}
        text={preview ? what(preview, t, i18n.language) : ''}
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

/** The most days of a rule. */
const longest = 36_500

/** What will be removed, in words. */
function what(p: AdminRetentionPreview, t: TFunction<'admin'>, language: string): string {
  if (p.messages === 0) return t('storage.nothing')
  const number = new Intl.NumberFormat(language)
  return t('storage.what', {
    messages: t('storage.messages', { count: p.messages, number: number.format(p.messages) }),
    chats: t('storage.chats', { count: p.chats, number: number.format(p.chats) }),
    files: t('storage.files', { count: p.files, number: number.format(p.files), size: bytes(p.bytes, language) }),
    oldest: p.oldestAt ? fullTime(p.oldestAt, language) : '',
  })
}

/** How far the removal is, or what the latest one has removed. */
function Run({ run }: { run: AdminRetention['run'] }) {
  const { t, i18n } = useTranslation('admin')
  const number = new Intl.NumberFormat(i18n.language)
  if (!run.beganAt) return null
  return (
    <Card title={t('storage.run')} hint={t('storage.runHint')}>
      <Facts
        facts={[
          [t('storage.progress'), run.running ? new Intl.NumberFormat(i18n.language, { style: 'percent' }).format(run.progress) : t('storage.done')],
          [t('storage.began'), fullTime(run.beganAt, i18n.language)],
          [t('storage.ended'), run.running || !run.endedAt ? undefined : fullTime(run.endedAt, i18n.language)],
          [t('storage.removedMessages'), number.format(run.messages)],
          [t('storage.removedFiles'), t('storage.filesOf', { number: number.format(run.files), size: bytes(run.bytes, i18n.language) })],
        ]}
      />
    </Card>
  )
}

function Backups({ retention: { backup, backups } }: { retention: AdminRetention }) {
  const { t, i18n } = useTranslation('admin')
  const number = new Intl.NumberFormat(i18n.language)
  return (
    <Card title={t('storage.backups')} hint={backup ? undefined : t('overview.noBackup')} className="flex flex-col gap-4">
      {backup && (
        <Facts
          facts={[
            [t('storage.lastGood'), backup.at ? fullTime(backup.at, i18n.language) : t('overview.noBackup')],
            [t('storage.size'), backup.bytes ? bytes(backup.bytes, i18n.language) : undefined],
            [t('storage.running'), backup.running ? t('storage.now') : undefined],
            [t('storage.folder'), backup.folder],
            [t('storage.failed'), backup.failedAt ? `${fullTime(backup.failedAt, i18n.language)}: ${explainBackup(backup)}` : undefined],
          ]}
        />
      )}
      {backups.length > 0 && (
        <section>
          <h3 className="text-sm font-medium">{t('storage.kept')}</h3>
          <ul aria-label={t('storage.kept')} className="divide-y divide-line text-sm">
            {backups.map((b) => (
              <li key={b.at} className="flex flex-wrap gap-x-3 py-2">
                <span className="min-w-0 flex-1">{fullTime(b.at, i18n.language)}</span>
                <span className="text-muted">{t('storage.filesIn', { count: b.files, number: number.format(b.files) })}</span>
                <span className="text-muted">{bytes(b.bytes, i18n.language)}</span>
                {b.differences > 0 && <span className="text-danger">{t('storage.differences', { count: b.differences, number: number.format(b.differences) })}</span>}
              </li>
            ))}
          </ul>
        </section>
      )}
    </Card>
  )
}
