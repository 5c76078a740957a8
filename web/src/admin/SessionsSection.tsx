import { useQuery, useQueryClient } from '@tanstack/react-query'
import { MonitorSmartphone, Search, SearchX } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { endStaffSession, listApplications, listSessions, signOutEverywhere, type AdminSession, type SessionsFilter } from '@/api/admin'
import { dayStart, fullTime, shortTime } from '@/lib/time'
import { useDebounced } from '@/lib/useDebounced'
import { useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { EmptyState } from '@/ui/EmptyState'
import { NativeSelect } from '@/ui/NativeSelect'
import { TextField } from '@/ui/TextField'
import { toast, toastError } from '@/ui/toast'
import { Chosen } from './Chosen'
import { EndlessList } from './EndlessList'
import { PersonChooser } from './PersonChooser'
import { useFilter } from './useFilter'
import { usePages } from './usePages'

/** The filters by last use: within a number of days, or not within it. */
const uses = ['', 'since1', 'since7', 'since30', 'before30', 'before90'] as const
type Use = (typeof uses)[number]

/** The sessions of all people. */
export default function SessionsSection() {
  const { t } = useTranslation('admin')
  const client = useQueryClient()
  const { value, set } = useFilter()
  const [device, setDevice] = useState(value('device'))
  const [choosing, setChoosing] = useState(false)
  const [ending, setEnding] = useState(false)
  const text = useDebounced(device.trim(), 200)
  const applications = useQuery({ queryKey: ['admin', 'applications'], queryFn: ({ signal }) => listApplications(signal), staleTime: 60_000 })
  const account = value('account')
  const name = value('name') || account
  const use = uses.find((u) => u === value('used')) ?? ''
  const filter = useMemo(() => filterOf(account, value('application'), text, use), [account, value, text, use])
  const pages = usePages(['sessions', filter], (next, signal) => listSessions(filter, next, signal))
  const filtered = Object.values(filter).some((v) => v !== undefined)
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="mx-auto flex w-full max-w-5xl shrink-0 flex-col gap-3 border-b border-line p-4">
        <div className="grid grid-cols-2 gap-3 sm:grid-cols-[1fr_12rem_12rem]">
          <TextField
            type="search"
            label={t('sessions.device')}
            placeholder={t('sessions.deviceHint')}
            icon={<Search aria-hidden className="size-4" />}
            value={device}
            onValueChange={setDevice}
            maxLength={200}
            className="col-span-2 sm:col-span-1"
          />
          <NativeSelect
            label={t('sessions.application')}
            value={value('application')}
            options={[{ value: '', label: t('any') }, ...(applications.data ?? []).map((a) => ({ value: a.id, label: a.name }))]}
            onValueChange={(application) => set({ application })}
          />
          <NativeSelect<Use>
            label={t('sessions.used')}
            value={use}
            options={uses.map((u) => ({ value: u, label: u ? t(`sessions.uses.${u}`) : t('any') }))}
            onValueChange={(used) => set({ used })}
          />
        </div>
        <div className="flex flex-wrap gap-2">
          {account ? (
            <>
              <Chosen label={t('sessions.personIs')} value={name} clear={t('sessions.anybody')} onClear={() => set({ account: '', name: '' })} />
              <Button size="small" warns onClick={() => setEnding(true)}>
                {t('person.signOut')}
              </Button>
            </>
          ) : (
            <Button size="small" onClick={() => setChoosing(true)}>
              {t('sessions.choosePerson')}
            </Button>
          )}
        </div>
      </div>
      <EndlessList
        label={t('sections.sessions')}
        pages={pages}
        keyOf={(s) => s.sessionId}
        height={64}
        line={Line}
        empty={filtered ? <EmptyState icon={SearchX} title={t('sessions.noneFound')} /> : <EmptyState icon={MonitorSmartphone} title={t('sessions.none')} />}
      />
      <PersonChooser
        open={choosing}
        onOpenChange={setChoosing}
        title={t('sessions.choosePerson')}
        action={t('audit.filter')}
        onChosen={(person) => set({ account: person.accountId, name: person.name })}
      />
      <ConfirmDialog
        open={ending}
        onOpenChange={setEnding}
        title={t('person.signOutTitle', { name })}
        text={t('person.signOutText')}
        confirm={t('person.signOut')}
        danger
        onConfirm={async () => {
          await signOutEverywhere(account)
          toast(t('person.signOutDone', { name }), 'success')
          await client.invalidateQueries({ queryKey: ['admin'] })
        }}
      />
    </div>
  )
}

function filterOf(account: string, application: string, device: string, use: Use): SessionsFilter {
  const days = Number(/\d+/.exec(use)?.[0] ?? 0)
  const at = new Date(dayStart(Date.now()))
  at.setDate(at.getDate() - days)
  return {
    account: account || undefined,
    application: application || undefined,
    device: device || undefined,
    seenSince: use.startsWith('since') ? at.getTime() : undefined,
    seenBefore: use.startsWith('before') ? at.getTime() : undefined,
  }
}

function Line({ item: s }: { item: AdminSession }) {
  const { t, i18n } = useTranslation('admin')
  const client = useQueryClient()
  const own = useStore((state) => state.me?.sessionId === s.sessionId)
  const [busy, setBusy] = useState(false)
  const end = async (): Promise<void> => {
    setBusy(true)
    try {
      await endStaffSession(s.sessionId)
      await client.invalidateQueries({ queryKey: ['admin'] })
    } catch (error) {
      toastError(error)
    } finally {
      setBusy(false)
    }
  }
  const device = s.device || t('unknownDevice')
  return (
    <div className="flex min-h-16 items-center gap-3 px-4 py-2">
      <span className="min-w-0 flex-1">
        <Link href={`/admin/people/${encodeURIComponent(s.accountId)}`} dir="auto" className="block truncate underline-offset-4 hover:underline">
          {s.name}
        </Link>
        <span dir="auto" className="block truncate text-sm text-muted" title={fullTime(s.createdAt, i18n.language)}>
          {[device, s.app || t('sessions.everyApplication'), s.lastSeenAt ? t('seen', { time: shortTime(s.lastSeenAt, i18n.language) }) : t('sessions.neverUsed')].join(' · ')}
        </span>
      </span>
      {own ? (
        <span className="shrink-0 text-sm text-muted">{t('sessions.own')}</span>
      ) : (
        <Button size="small" busy={busy} aria-label={t('sessions.endOne', { name: s.name, device })} onClick={() => void end()}>
          {t('end')}
        </Button>
      )}
    </div>
  )
}
