import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { createApplication, listApplications, type AdminApplication, type AdminApplicationSecret } from '@/api/admin'
import { useTrouble } from '@/app/useTrouble'
import { shortTime } from '@/lib/time'
import { useOnce } from '@/lib/useOnce'
import { useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { Card, PageColumn } from '@/ui/Card'
import { Spinner } from '@/ui/Spinner'
import { ApplicationFields, emptyFields } from './ApplicationFields'
import { FormDialog } from './FormDialog'
import { Problem } from './Problem'
import { SecretDialog } from './SecretDialog'
import { Tag } from './Tag'

/** The applications: programs with which people sign in, and systems that call the host API. */
export default function ApplicationsSection() {
  const { t } = useTranslation(['admin', 'ui'])
  const [, navigate] = useLocation()
  const [adding, setAdding] = useState(false)
  const [made, setMade] = useState<AdminApplicationSecret | null>(null)
  const query = useQuery({ queryKey: ['admin', 'applications'], queryFn: ({ signal }) => listApplications(signal), staleTime: 0 })
  const trouble = useTrouble(query)
  const show = (a: AdminApplication): void => navigate(`/admin/applications/${encodeURIComponent(a.id)}`)
  return (
    <PageColumn>
      <p className="flex">
        <Button kind="primary" size="small" onClick={() => setAdding(true)}>
          <Plus aria-hidden className="size-4" /> {t('applications.add')}
        </Button>
      </p>
      {trouble && <Problem trouble={trouble} />}
      {query.isPending && !trouble && <Spinner label={t('ui:loading')} className="mx-auto size-5" />}
      {query.data && (
        <Card className="p-0 sm:px-0">
          <ul aria-label={t('sections.applications')} className="divide-y divide-line">
            {query.data.map((a) => (
              <li key={a.id}>
                <Line application={a} />
              </li>
            ))}
          </ul>
        </Card>
      )}
      <AddDialog
        open={adding}
        onOpenChange={setAdding}
        onMade={(one) => {
          setAdding(false)
          if (one.secret) setMade(one)
          else show(one.application)
        }}
      />
      <SecretDialog
        secret={made?.secret}
        title={t('applications.secretOf', { name: made?.application.name })}
        onClose={() => {
          if (made) show(made.application)
          setMade(null)
        }}
      />
    </PageColumn>
  )
}

function Line({ application: a }: { application: AdminApplication }) {
  const { t, i18n } = useTranslation('admin')
  return (
    <Link href={`/admin/applications/${encodeURIComponent(a.id)}`} className="flex min-h-16 items-center gap-3 px-4 py-2 -outline-offset-2 hover:bg-hover sm:px-5">
      <span className="min-w-0 flex-1">
        <span className="flex flex-wrap items-center gap-x-2">
          <span dir="auto" className="min-w-0 break-words">
            {a.name}
          </span>
          {a.kind === 'server' && <Tag tone="accent">{t('applications.ownersOnly')}</Tag>}
          {a.secrets.length > 1 && <Tag>{t('applications.twoSecrets')}</Tag>}
          {a.disabledAt && <Tag tone="danger">{t('applications.disabled')}</Tag>}
        </span>
        <span className="block truncate text-sm text-muted">{[t(`applications.kinds.${a.kind}`), a.key].join(' · ')}</span>
      </span>
      <span className="hidden shrink-0 text-sm text-muted sm:block">
        {a.lastSeenAt ? t('applications.seenAt', { time: shortTime(a.lastSeenAt, i18n.language) }) : t('applications.neverSeen')}
      </span>
    </Link>
  )
}

interface AddProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  onMade: (made: AdminApplicationSecret) => void
}

function AddDialog({ open, onOpenChange, onMade }: AddProps) {
  const { t } = useTranslation('admin')
  const client = useQueryClient()
  const once = useOnce()
  const owner = useStore((s) => s.me?.role === 'owner')
  const [fields, setFields] = useState(emptyFields)
  const submit = async (): Promise<string | undefined> => {
    const { name, url, kind, scopes, mutedPushes } = fields
    if (!name.trim()) return t('nameMissing')
    if (kind === 'server' && scopes.length === 0) return t('applications.scopeMissing')
    const wanted = { name: name.trim(), kind, mutedPushes, ...(url.trim() && { url: url.trim() }), ...(kind === 'server' && { scopes }) }
    const made = await once(wanted, (key) => createApplication(wanted, key))
    await client.invalidateQueries({ queryKey: ['admin'] })
    onMade(made)
    return undefined
  }
  const close = (): void => {
    setFields(emptyFields)
    onOpenChange(false)
  }
  return (
    <FormDialog
      open={open}
      onClose={close}
      title={t('applications.add')}
      description={t(owner ? 'applications.addHint' : 'applications.addHintAdministrator')}
      action={t('applications.add')}
      onSubmit={submit}
    >
      <ApplicationFields fields={fields} onChange={setFields} offered={(kind) => owner || kind !== 'server'} />
    </FormDialog>
  )
}
