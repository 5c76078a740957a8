import { useQuery } from '@tanstack/react-query'
import { CircleCheck, TriangleAlert } from 'lucide-react'
import { lazy, Suspense, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { getOverview, type AdminNode, type AdminOverview } from '@/api/admin'
import { useTrouble } from '@/app/useTrouble'
import { bytes } from '@/lib/bytes'
import { fullTime } from '@/lib/time'
import { Card, Facts, PageColumn } from '@/ui/Card'
import { Spinner } from '@/ui/Spinner'
import { explainBackup } from './explain'
import { Problem } from './Problem'
import { Tag } from './Tag'

const Chart = lazy(() => import('./Chart'))

const days = 30

/** The figures of the server, and what needs attention. */
export default function OverviewSection() {
  const { t } = useTranslation(['admin', 'ui'])
  const query = useQuery({ queryKey: ['admin', 'overview'], queryFn: ({ signal }) => getOverview(days, signal), staleTime: 0, refetchInterval: 60_000 })
  const trouble = useTrouble(query)
  const overview = query.data
  return (
    <PageColumn>
      {trouble && <Problem trouble={trouble} />}
      {query.isPending && !trouble && <Spinner label={t('ui:loading')} className="mx-auto size-5" />}
      {overview && <Figures overview={overview} />}
    </PageColumn>
  )
}

function Figures({ overview: o }: { overview: AdminOverview }) {
  const { t, i18n } = useTranslation('admin')
  const number = new Intl.NumberFormat(i18n.language)
  const size = (n: number | undefined): string | undefined => (n ? bytes(n, i18n.language) : undefined)
  const nodes = o.perNode
  const tiles = (['online', 'active', 'inactive', 'guests', 'administrators', 'groups'] as const).map((name) => ({ name, value: o[name] }))
  return (
    <>
      <Attention overview={o} />
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3">
        {tiles.map(({ name, value }) => (
          <div key={name} className="rounded-xl border border-line bg-ground p-4">
            <dt className="text-sm text-muted">{t(`overview.${name === 'online' && nodes ? 'onlineAtMost' : name}`)}</dt>
            <dd className="text-2xl font-semibold tabular-nums">{number.format(value)}</dd>
          </div>
        ))}
      </dl>
      {(['messages', 'files', 'people'] as const).map((name) => (
        <Days key={name} name={name} overview={o} />
      ))}
      {nodes && <Nodes overview={o} nodes={nodes} />}
      <Card title={t('overview.server')}>
        <Facts
          facts={[
            [t('overview.version'), nodes ? undefined : o.version],
            [t('overview.started'), o.startedAt && !nodes ? fullTime(o.startedAt, i18n.language) : undefined],
            [t('overview.connections'), nodes ? undefined : number.format(o.connections)],
            [t('overview.waiting'), nodes ? undefined : number.format(o.waiting)],
            [t('overview.database'), size(o.databaseBytes)],
            [t('overview.files'), o.files === undefined ? undefined : t('overview.filesOf', { count: o.files, number: number.format(o.files), size: bytes(o.fileBytes ?? 0, i18n.language) })],
            [t('overview.backup'), o.backup && (o.backup.at ? t('overview.backupOf', { at: fullTime(o.backup.at, i18n.language), size: size(o.backup.bytes) ?? '0' }) : t('overview.noBackup'))],
            [t('overview.disk'), o.diskTotal ? t('overview.diskOf', { free: size(o.diskFree ?? 0) ?? '0', total: size(o.diskTotal) }) : undefined],
          ]}
        />
      </Card>
    </>
  )
}

/** The figures of each node and their sum. */
function Nodes({ overview, nodes }: { overview: AdminOverview; nodes: AdminNode[] }) {
  const { t, i18n } = useTranslation('admin')
  const number = new Intl.NumberFormat(i18n.language)
  const figures = ({ connections, online, waiting }: Pick<AdminNode, 'connections' | 'online' | 'waiting'>): string =>
    connections === undefined || online === undefined || waiting === undefined
      ? t('overview.node.unknown')
      : t('overview.node.figures', { connections: number.format(connections), online: number.format(online), waiting: number.format(waiting) })
  return (
    <Card title={t('overview.nodes')} hint={t('overview.node.hint')}>
      <ul aria-label={t('overview.nodes')} className="flex flex-col divide-y divide-line text-sm">
        {nodes.map((n) => (
          <li key={n.id} className="py-3 break-words select-text first:pt-0">
            <p className="flex flex-wrap items-center gap-x-2 font-medium">
              {n.address ?? n.id}
              {n.answers && <Tag>{t('overview.node.answers')}</Tag>}
            </p>
            <p>{figures(n)}</p>
            <p className="text-muted">{t('overview.node.about', { version: n.version, since: n.since ? fullTime(n.since, i18n.language) : '' })}</p>
          </li>
        ))}
        <li className="pt-3 select-text">
          <p className="font-medium">{t('overview.node.all', { count: nodes.length })}</p>
          <p>{figures(overview)}</p>
        </li>
      </ul>
    </Card>
  )
}

const places: Partial<Record<AdminOverview['attention'][number]['kind'], string>> = {
  'one-owner': '/admin/people',
  'ownerless-groups': '/admin/groups?show=ownerless',
}

function Attention({ overview: { attention, backup } }: { overview: AdminOverview }) {
  const { t } = useTranslation('admin')
  if (attention.length === 0) {
    return (
      <p className="flex items-center gap-3 rounded-xl border border-line bg-ground p-4">
        <CircleCheck aria-hidden className="size-5 shrink-0 text-success" /> {t('overview.allWell')}
      </p>
    )
  }
  return (
    <Card title={t('overview.attention')}>
      <ul className="flex flex-col gap-3">
        {attention.map((a) => {
          const to = places[a.kind]
          return (
            <li key={`${a.kind} ${a.target ?? ''}`} className="flex items-start gap-3">
              <TriangleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-warning" />
              <span className="min-w-0 flex-1">
                {a.kind === 'backup' && backup?.failedAt
                  ? t('overview.kinds.backupFailed', { reason: explainBackup(backup) })
                  : t(`overview.kinds.${a.kind}`, { count: a.count ?? 1, target: a.target })}{' '}
                {to && (
                  <Link href={to} className="text-accent underline underline-offset-4">
                    {t('overview.look')}
                  </Link>
                )}
              </span>
            </li>
          )
        })}
      </ul>
    </Card>
  )
}

function Days({ name, overview }: { name: 'messages' | 'files' | 'people'; overview: AdminOverview }) {
  const { t, i18n } = useTranslation('admin')
  const at = useMemo(() => overview.days.map((d) => d.at), [overview.days])
  const values = useMemo(() => overview.days.map((d) => d[name]), [overview.days, name])
  const number = new Intl.NumberFormat(i18n.language)
  const date = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium' })
  const today = number.format(values.at(-1) ?? 0)
  const most = number.format(Math.max(0, ...values))
  return (
    <Card title={t(`overview.days.${name}`)} hint={t('overview.today', { today, most })}>
      <Suspense fallback={<div className="h-40" />}>
        <Chart label={`${t(`overview.days.${name}`)}. ${t('overview.today', { today, most })}`} language={i18n.language} days={at} values={values} />
      </Suspense>
      <table className="sr-only">
        <caption>{t(`overview.days.${name}`)}</caption>
        <thead>
          <tr>
            <th scope="col">{t('overview.day')}</th>
            <th scope="col">{t('overview.number')}</th>
          </tr>
        </thead>
        <tbody>
          {overview.days.map((d) => (
            <tr key={d.at}>
              <th scope="row">{date.format(d.at)}</th>
              <td>{number.format(d[name])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  )
}
