import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { createSubscription, listApplications, listSubscriptions, type AdminIssuedSubscription, type AdminSubscription } from '@/api/admin'
import { useTrouble } from '@/app/useTrouble'
import { useOnce } from '@/lib/useOnce'
import { useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { Card, Note, PageColumn } from '@/ui/Card'
import { NativeSelect } from '@/ui/NativeSelect'
import { Spinner } from '@/ui/Spinner'
import { FormDialog } from './FormDialog'
import { Problem } from './Problem'
import { SecretDialog } from './SecretDialog'
import { emptyFields, SubscriptionFields } from './SubscriptionFields'
import { countOf, SubscriptionState } from './SubscriptionState'
import { Tag } from './Tag'

/** The subscriptions of applications to events, which are posted to them. */
export default function SubscriptionsSection() {
  const { t } = useTranslation(['admin', 'ui'])
  const [, navigate] = useLocation()
  const [adding, setAdding] = useState(false)
  const [made, setMade] = useState<AdminIssuedSubscription>()
  const owner = useStore((s) => s.me?.role === 'owner')
  const query = useQuery({ queryKey: ['admin', 'subscriptions'], queryFn: ({ signal }) => listSubscriptions(signal), staleTime: 0 })
  const trouble = useTrouble(query)
  return (
    <PageColumn>
      <Note>{t('subscriptions.about')}</Note>
      {owner ? (
        <p className="flex">
          <Button kind="primary" size="small" onClick={() => setAdding(true)}>
            <Plus aria-hidden className="size-4" /> {t('subscriptions.add')}
          </Button>
        </p>
      ) : (
        <Note>{t('subscriptions.ownersOnly')}</Note>
      )}
      {trouble && <Problem trouble={trouble} />}
      {query.isPending && !trouble && <Spinner label={t('ui:loading')} className="mx-auto size-5" />}
      {query.data?.length === 0 && <Note>{t('subscriptions.none')}</Note>}
      {query.data && query.data.length > 0 && (
        <Card className="p-0 sm:px-0">
          <ul aria-label={t('sections.subscriptions')} className="divide-y divide-line">
            {query.data.map((s) => (
              <li key={s.id}>
                <Line subscription={s} />
              </li>
            ))}
          </ul>
        </Card>
      )}
      {owner && <AddDialog open={adding} onOpenChange={setAdding} onMade={setMade} />}
      <SecretDialog
        secret={made?.secret}
        title={t('subscriptions.secretMade')}
        onClose={() => {
          if (made) navigate(`/admin/subscriptions/${encodeURIComponent(made.subscription.id)}`)
          setMade(undefined)
        }}
      />
    </PageColumn>
  )
}

function Line({ subscription: s }: { subscription: AdminSubscription }) {
  const { t, i18n } = useTranslation('admin')
  return (
    <Link href={`/admin/subscriptions/${encodeURIComponent(s.id)}`} className="flex min-h-16 items-center gap-3 px-4 py-2 -outline-offset-2 hover:bg-hover sm:px-5">
      <span className="min-w-0 flex-1">
        <span className="flex flex-wrap items-center gap-x-2">
          <span dir="auto" className="min-w-0 break-words">
            {s.note || s.appName}
          </span>
          <SubscriptionState subscription={s} />
          {s.deadLetters > 0 && <Tag tone="danger">{t('subscriptions.deadCount', { number: countOf(s.deadLetters, i18n.language) })}</Tag>}
        </span>
        <span className="block truncate text-sm text-muted">{[s.note && s.appName, s.url].filter(Boolean).join(' · ')}</span>
      </span>
      {s.waiting > 0 && <span className="hidden shrink-0 text-sm text-muted sm:block">{t('subscriptions.waitingCount', { number: countOf(s.waiting, i18n.language) })}</span>}
    </Link>
  )
}

interface AddProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  onMade: (made: AdminIssuedSubscription) => void
}

function AddDialog({ open, onOpenChange, onMade }: AddProps) {
  const { t } = useTranslation('admin')
  const client = useQueryClient()
  const once = useOnce()
  const [chosen, setChosen] = useState('')
  const [fields, setFields] = useState(emptyFields)
  const query = useQuery({ queryKey: ['admin', 'applications'], queryFn: ({ signal }) => listApplications(signal), staleTime: 0, enabled: open })
  const applications = query.data?.filter((a) => a.kind === 'server' && !a.organization && !a.disabledAt) ?? []
  const application = chosen || (applications[0]?.id ?? '')
  const submit = async (): Promise<string | undefined> => {
    if (!application) return t('subscriptions.applicationMissing')
    if (!fields.url.trim()) return t('subscriptions.urlMissing')
    if (fields.kinds.length === 0) return t('subscriptions.kindMissing')
    const wanted = { application, url: fields.url.trim(), note: fields.note.trim(), kinds: fields.kinds }
    const made = await once(wanted, (key) => createSubscription(wanted, key))
    await client.invalidateQueries({ queryKey: ['admin'] })
    onMade(made)
    return undefined
  }
  const close = (): void => {
    setFields(emptyFields)
    onOpenChange(false)
  }
  return (
    <FormDialog open={open} onClose={close} title={t('subscriptions.add')} description={t('subscriptions.addHint')} action={t('subscriptions.add')} onSubmit={submit}>
      {query.data && applications.length === 0 ? (
        <p className="text-sm text-muted">{t('subscriptions.noApplication')}</p>
      ) : (
        <NativeSelect
          label={t('subscriptions.application')}
          value={application}
          options={applications.map((a) => ({ value: a.id, label: a.name }))}
          onValueChange={setChosen}
        />
      )}
      <SubscriptionFields fields={fields} onChange={setFields} />
    </FormDialog>
  )
}
