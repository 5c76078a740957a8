import { Download, ScrollText, SearchX } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { exportAudit, listAudit, type AuditEntry, type AuditFilter } from '@/api/admin'
import { saveFile } from '@/lib/saveFile'
import { dayStart, fullTime } from '@/lib/time'
import { Button } from '@/ui/Button'
import { Facts } from '@/ui/Card'
import { EmptyState } from '@/ui/EmptyState'
import { Menu } from '@/ui/Menu'
import { NativeSelect } from '@/ui/NativeSelect'
import { TextField } from '@/ui/TextField'
import { toastError } from '@/ui/toast'
import { areas, detailOf, sentenceOf, textsOf } from './audit'
import { Chosen } from './Chosen'
import { EndlessList } from './EndlessList'
import { PersonChooser } from './PersonChooser'
import { useFilter } from './useFilter'
import { usePages } from './usePages'

const who = ['actor', 'target'] as const

/** The audit log, newest entry first. The filter is in the address, so that other pages can link to a part of the log. */
export default function AuditSection() {
  const { t } = useTranslation('admin')
  const { value, set } = useFilter()
  const [choosing, setChoosing] = useState<(typeof who)[number] | null>(null)
  const [exporting, setExporting] = useState(false)
  const filter = filterOf(value)
  const filtered = Object.values(filter).some((v) => v !== undefined)
  const pages = usePages(['audit', filter], (next, signal) => listAudit(filter, next, signal))

  const download = async (format: 'csv' | 'jsonl'): Promise<void> => {
    setExporting(true)
    try {
      saveFile(await exportAudit(filter, format), `audit.${format}`)
    } catch (error) {
      toastError(error)
    } finally {
      setExporting(false)
    }
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="mx-auto flex w-full max-w-5xl shrink-0 flex-col gap-3 border-b border-line p-4">
        <div className="grid grid-cols-2 gap-3 sm:grid-cols-[1fr_10rem_10rem]">
          <div className="col-span-2 sm:col-span-1">
            <NativeSelect
              label={t('audit.kind')}
              value={value('kind')}
              options={[
                { value: '', label: t('any') },
                ...(Object.keys(areas) as (keyof typeof areas)[]).flatMap((area) =>
                  areas[area].map((kind) => ({
                    value: kind as string,
                    label: t(kind.endsWith('.') ? `audit.kindsOf.${kind.slice(0, -1)}` : `audit.kinds.${textsOf(kind)}`),
                    group: t(`audit.areas.${area}`),
                  })),
                ),
              ]}
              onValueChange={(kind) => set({ kind })}
            />
          </div>
          {(['since', 'until'] as const).map((name) => (
            <TextField key={name} type="date" label={t(`audit.${name}`)} value={value(name)} onValueChange={(day) => set({ [name]: day })} />
          ))}
        </div>
        <div className="flex flex-wrap gap-2">
          {who.map((name) =>
            value(name) ? (
              <Chosen
                key={name}
                label={t(`audit.${name}Is`)}
                value={value(`${name}Name`) || value(name)}
                clear={t(`audit.${name}Any`)}
                onClear={() => set({ [name]: '', [`${name}Name`]: '' })}
              />
            ) : (
              <Button key={name} size="small" onClick={() => setChoosing(name)}>
                {t(`audit.${name}Choose`)}
              </Button>
            ),
          )}
          <span className="ml-auto">
            <Menu
              trigger={
                <Button size="small" busy={exporting}>
                  <Download aria-hidden className="size-4" /> {t('audit.export')}
                </Button>
              }
              entries={(['csv', 'jsonl'] as const).map((format) => ({ label: t(`audit.formats.${format}`), onSelect: () => void download(format) }))}
            />
          </span>
        </div>
      </div>
      <EndlessList
        label={t('sections.audit')}
        pages={pages}
        keyOf={(e) => e.id}
        height={68}
        line={Entry}
        empty={filtered ? <EmptyState icon={SearchX} title={t('audit.nothingFound')} /> : <EmptyState icon={ScrollText} title={t('audit.nothing')} />}
      />
      <PersonChooser
        open={choosing !== null}
        onOpenChange={(open) => !open && setChoosing(null)}
        title={t(`audit.${choosing ?? 'actor'}Choose`)}
        action={t('audit.filter')}
        inactive
        onChosen={(person) => set({ [choosing ?? 'actor']: person.accountId, [`${choosing ?? 'actor'}Name`]: person.name })}
      />
    </div>
  )
}

function filterOf(value: (name: string) => string): AuditFilter {
  // Days are in the time zone of the reader. The last day is included.
  const day = (name: string, later: number): number | undefined => {
    const [y, m, d] = value(name).split('-').map(Number)
    return y && m && d ? dayStart(new Date(y, m - 1, d + later).getTime()) : undefined
  }
  return {
    kind: value('kind') || undefined,
    actor: value('actor') || undefined,
    target: value('target') || undefined,
    since: day('since', 0),
    until: day('until', 1),
  }
}

function Entry({ item: e }: { item: AuditEntry }) {
  const { t, i18n } = useTranslation('admin')
  const language = { t, language: i18n.language, exists: (key: string) => i18n.exists(key, { ns: 'admin' }) }
  const label = `audit.kinds.${textsOf(e.kind)}`
  const kind = language.exists(label) ? t(label as 'audit.kinds.sign-in') : e.kind
  const detail = Object.keys(e.detail ?? {})
  const name = (key: string): string => (language.exists(`audit.details.${key}`) ? t(`audit.details.${key}` as 'audit.details.name') : key)
  return (
    <article className="px-4 py-2 text-sm">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="min-w-0 text-base break-words">{sentenceOf(language, e)}</span>
        <time dateTime={new Date(e.at).toISOString()} className="ml-auto shrink-0 text-muted">
          {fullTime(e.at, i18n.language)}
        </time>
      </p>
      <details>
        <summary className="cursor-pointer truncate text-muted">{[kind, e.address].filter(Boolean).join(' · ')}</summary>
        <div className="py-2">
          <Facts
            facts={[
              [t('audit.fact.kind'), `${kind} (${e.kind})`],
              [t('audit.fact.actor'), e.operator ? t('audit.operator') : [e.actorName, e.actor].filter(Boolean).join(' · ')],
              [t('audit.fact.target'), [e.targetName, e.target].filter(Boolean).join(' · ')],
              ...detail.map((key): [string, string] => [name(key), detailOf(language, e, key)]),
              [t('audit.fact.app'), [e.appName, e.app].filter(Boolean).join(' · ')],
              [t('audit.fact.address'), e.address],
              [t('audit.fact.agent'), e.agent],
              [t('audit.fact.session'), e.session],
              [t('audit.fact.request'), e.request],
              [t('audit.fact.id'), e.id],
            ]}
          />
        </div>
      </details>
    </article>
  )
}
