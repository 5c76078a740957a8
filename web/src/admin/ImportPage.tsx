import { useQueryClient } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import type { TFunction } from 'i18next'
import { FileUp } from 'lucide-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { importPeople, type AdminImport } from '@/api/admin'
import { ApiError } from '@/api/http'
import { refusal } from '@/lib/refusal'
import { useOnce } from '@/lib/useOnce'
import { useServerConfig } from '@/settings/useServerConfig'
import { Button } from '@/ui/Button'
import { Card, PageColumn } from '@/ui/Card'
import { NativeSelect } from '@/ui/NativeSelect'
import { BackLink } from './BackLink'
import { piecesOf, textOfFile } from './csv'
import { ImportLinks } from './ImportLinks'
import { reasonOf } from './importReasons'
import { Tag } from './Tag'

/** Number of records in one request of an import, so that each is done in a moment. The preview is one request for the whole file. */
const most = 500

const columns = ['name', 'email', 'id', 'title', 'department', 'phone', 'language', 'timezone', 'role', 'active']

const actions = ['create', 'update', 'unchanged', 'refuse'] as const
type Action = (typeof actions)[number]
type Line = AdminImport['lines'][number]

/** The line names a person that an earlier line names. It is not sent again, because the server compares only the lines of one piece. */
const isRepeated = (line: Line): boolean => line.code === 'repeated'

const tones = { create: 'success', update: 'accent', unchanged: 'plain', refuse: 'danger' } as const

interface Outcome {
  file: string
  csv: string
  applied: boolean
  /** The server did not answer about all lines. */
  stopped?: boolean
  lines: Line[]
}

/** Imports people from a CSV file. First it shows a preview with the result of each line. */
export default function ImportPage() {
  const { t } = useTranslation('admin')
  const client = useQueryClient()
  const input = useRef<HTMLInputElement>(null)
  const once = useOnce()
  const mail = useServerConfig()?.signIn.mail ?? false
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const [progress, setProgress] = useState<number | null>(null)
  const [problem, setProblem] = useState('')

  const run = async (file: string, csv: string, apply: boolean): Promise<void> => {
    setProblem('')
    setProgress(0)
    const lines: Line[] = apply ? (outcome?.lines.filter(isRepeated) ?? []) : []
    try {
      const pieces = piecesOf(csv, apply ? most : Infinity, new Set(lines.map((line) => line.line)))
      if (pieces.length === 0) throw new Error(t('import.emptyFile'))
      for (const [i, piece] of pieces.entries()) {
        const answer = await once([piece.csv, apply], (key) => importPeople(piece.csv, apply, key))
        lines.push(...answer.lines.map((line) => ({ ...line, line: piece.lines[line.line - 1] ?? line.line })))
        setProgress((i + 1) / pieces.length)
      }
      lines.sort((a, b) => a.line - b.line)
      setOutcome({ file, csv, applied: apply, lines })
    } catch (error) {
      setProblem(error instanceof ApiError && error.status === 413 ? t('import.tooLarge') : refusal(error))
      const sent = new Set(lines.map((line) => line.line))
      const left = (outcome?.lines ?? []).filter((line) => !sent.has(line.line))
      if (!apply) setOutcome(null)
      // The pieces before have been imported, and their lines are shown.
      else if (lines.some((line) => !isRepeated(line)))
        setOutcome({
          file, csv, applied: true, stopped: true,
          lines: [...lines, ...left.map((line): Line => ({ line: line.line, name: line.name, email: line.email, action: 'refuse', problem: t('import.noAnswer') }))].sort(
            (a, b) => a.line - b.line,
          ),
        })
    } finally {
      setProgress(null)
      // Also after a failure: the pieces before it have been imported.
      if (apply) await client.invalidateQueries({ queryKey: ['admin'] })
    }
  }
  const chosen = async (file: File): Promise<void> => {
    const text = await textOfFile(file)
    if (text !== null) return run(file.name, text, false)
    setOutcome(null)
    setProblem(t('import.noText'))
  }
  const count = (action: Action): number => outcome?.lines.filter((l) => l.action === action).length ?? 0
  const changing = count('create') + count('update')
  const busy = progress !== null
  // Those with an e-mail address get a link by mail when they ask for it.
  const newcomers = (outcome?.applied ? outcome.lines : []).flatMap(({ action, accountId, name, email }) =>
    action === 'create' && accountId && !(mail && email) ? [{ id: accountId, name, email }] : [],
  )
  return (
    <PageColumn>
      <BackLink to="/admin/people" text={t('people.all')} />
      <Card title={t('import.file')} hint={t('import.hint')} className="flex flex-col items-start gap-3">
        <p className="text-sm text-muted">
          {t('import.columns')} <code className="break-words">{columns.join(', ')}</code>
        </p>
        {/* With the mark, spreadsheets read it as UTF-8. */}
        <a className="text-sm text-accent hover:underline" download="people.csv" href={`data:text/csv;charset=utf-8,${encodeURIComponent(`\uFEFF${columns.join(',')}\r\n`)}`}>
          {t('import.template')}
        </a>
        <Button kind={outcome ? 'plain' : 'primary'} busy={busy && !outcome} disabled={busy} onClick={() => input.current?.click()}>
          <FileUp aria-hidden className="size-4" /> {t(outcome ? 'import.another' : 'import.choose')}
        </Button>
        <input
          ref={input}
          type="file"
          hidden
          aria-hidden
          tabIndex={-1}
          accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain"
          onChange={(event) => {
            const file = event.target.files?.[0]
            event.target.value = ''
            if (file) void chosen(file)
          }}
        />
        {busy && <progress aria-label={t('import.progress')} {...(progress > 0 && { value: progress })} className="w-full accent-(--color-accent-solid)" />}
        {problem && (
          <p role="alert" className="text-sm text-danger">
            {problem}
          </p>
        )}
      </Card>
      {outcome && (
        <Card title={t(outcome.stopped ? 'import.stopped' : outcome.applied ? 'import.done' : 'import.preview')} hint={outcome.file} className="flex flex-col items-start gap-4">
          <div role="status" className="w-full">
            <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
              {actions.map((action) => (
                <div key={action} className="rounded-lg border border-line p-3">
                  <dt className="text-sm text-muted">{t(`import.counts.${action}${outcome.applied ? 'd' : ''}`)}</dt>
                  <dd className="text-xl font-semibold tabular-nums">{count(action)}</dd>
                </div>
              ))}
            </dl>
          </div>
          {!outcome.applied && (
            <Button kind="primary" busy={busy} disabled={changing === 0} onClick={() => void run(outcome.file, outcome.csv, true)}>
              {t('import.apply', { count: changing })}
            </Button>
          )}
          {!outcome.applied && changing === 0 && <p className="text-sm text-muted">{t('import.nothing')}</p>}
          {outcome.applied && count('create') > 0 && <p className="text-sm text-muted">{t(mail ? 'import.signInByMail' : 'import.signInByLink')}</p>}
          {newcomers.length > 0 && <ImportLinks key={newcomers[0]!.id} people={newcomers} />}
          <Lines lines={outcome.lines} applied={outcome.applied} />
        </Card>
      )}
    </PageColumn>
  )
}

/** Says which fields change. Those that decide about rights have their old and new values. */
function changesOf(t: TFunction<'admin'>, { action, changes, role, oldRole, active }: Line): string {
  if (action === 'create') return role ? t('import.fieldIs', { field: t('fields.role'), now: t(`roles.${role}`) }) : ''
  const change = (field: 'role' | 'active', old: string, now: string): string => t('import.fieldChanges', { field: t(`fields.${field}`), old, now })
  return (changes ?? [])
    .map((c) => {
      if (c === 'role' && role) return change('role', t(`roles.${oldRole ?? 'none'}`), t(`roles.${role}`))
      if (c === 'active' && active !== undefined) return change('active', t(active ? 'inactive' : 'active'), t(active ? 'active' : 'inactive'))
      return t(`fields.${c}` as 'fields.name')
    })
    .join(', ')
}

function Lines({ lines, applied }: { lines: Line[]; applied: boolean }) {
  const { t } = useTranslation('admin')
  const named = (action: Action): string => t(applied ? `import.counts.${action}d` : `import.actions.${action}`)
  const [only, setOnly] = useState<Action | ''>('')
  const scroller = useRef<HTMLDivElement>(null)
  const shown = only ? lines.filter((l) => l.action === only) : lines
  const virtualizer = useVirtualizer({ count: shown.length, getScrollElement: () => scroller.current, estimateSize: () => 56, overscan: 8 })
  return (
    <>
      <div className="w-full sm:w-60">
        <NativeSelect
          label={t('import.show')}
          value={only}
          options={(['', ...actions] as const).map((value) => ({ value, label: value ? named(value) : t('import.allLines') }))}
          onValueChange={setOnly}
        />
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable with the keyboard */}
      <div ref={scroller} tabIndex={0} role="region" aria-label={t('import.lines')} className="max-h-96 w-full overflow-y-auto rounded-lg border border-line">
        {shown.length === 0 && <p className="p-6 text-center text-sm text-muted">{t('import.noLines')}</p>}
        <ul className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, key, start }) => {
            const line = shown[index]!
            const about = [line.email, line.action === 'refuse' ? reasonOf(t, line) : changesOf(t, line)].filter(Boolean).join(' · ')
            return (
              <li
                key={key}
                ref={virtualizer.measureElement}
                data-index={index}
                className="absolute inset-x-0 top-0 flex min-h-14 items-center gap-3 border-b border-line px-3 py-2"
                style={{ transform: `translateY(${start}px)` }}
              >
                <span className="w-12 shrink-0 text-right text-sm text-muted tabular-nums">{line.line}</span>
                <span className="min-w-0 flex-1">
                  <span dir="auto" className="block truncate">
                    {line.name || t('import.noName')}
                  </span>
                  <span dir="auto" className="block text-sm break-words text-muted">
                    {about}
                  </span>
                </span>
                <Tag tone={tones[line.action]}>{named(line.action)}</Tag>
              </li>
            )
          })}
        </ul>
      </div>
    </>
  )
}
