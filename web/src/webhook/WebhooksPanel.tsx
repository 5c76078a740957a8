import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { createWebhook, listWebhooks, type IssuedWebhook } from '@/api/webhook'
import { useTrouble } from '@/app/useTrouble'
import { refusal } from '@/lib/refusal'
import { waitingId } from '@/lib/waiting-id'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { TextField } from '@/ui/TextField'
import { IssuedDialog } from './IssuedDialog'
import { WebhookRow } from './WebhookRow'

/** The incoming webhooks of a group, for its administrators. */
export default function WebhooksPanel({ group }: { group: string }) {
  const { t } = useTranslation('webhook')
  const client = useQueryClient()
  const asked = useQuery({ queryKey: ['webhooks', group], queryFn: ({ signal }) => listWebhooks(group, signal), staleTime: 0 })
  const trouble = useTrouble(asked)
  const [making, setMaking] = useState(false)
  const [issued, setIssued] = useState<IssuedWebhook | null>(null)
  const changed = (webhook?: IssuedWebhook) => {
    void client.invalidateQueries({ queryKey: ['webhooks', group] })
    if (webhook?.url || webhook?.secret) setIssued(webhook)
  }
  return (
    <div className="flex h-full flex-col gap-4 overflow-y-auto p-4">
      <p className="text-sm text-muted">{t('about')}</p>
      <Button className="self-start" onClick={() => setMaking(true)}>
        <Plus aria-hidden className="size-4" /> {t('new')}
      </Button>
      {trouble && (
        <p role="alert" className="text-sm text-muted">
          {trouble.text}{' '}
          {trouble.retry && (
            <Button size="small" onClick={trouble.retry}>
              {t('retry')}
            </Button>
          )}
        </p>
      )}
      {asked.data?.length === 0 && <p className="text-sm text-muted">{t('none')}</p>}
      {asked.data && asked.data.length > 0 && (
        <ul aria-label={t('title')} className="flex flex-col gap-3">
          {asked.data.map((webhook) => (
            <WebhookRow key={webhook.id} group={group} webhook={webhook} onChanged={changed} />
          ))}
        </ul>
      )}
      {making && (
        <NewWebhookDialog
          group={group}
          onClose={() => setMaking(false)}
          onMade={(webhook) => {
            setMaking(false)
            changed(webhook)
          }}
        />
      )}
      {issued && <IssuedDialog webhook={issued} onClose={() => setIssued(null)} />}
    </div>
  )
}

function NewWebhookDialog({ group, onClose, onMade }: { group: string; onClose: () => void; onMade: (webhook: IssuedWebhook) => void }) {
  const { t } = useTranslation('webhook')
  const form = useId()
  const asked = useRef({ name: '', key: '' })
  const [name, setName] = useState('')
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const make = async () => {
    setBusy(true)
    setError('')
    try {
      // The same request again, after a lost answer, makes no second one.
      if (asked.current.name !== name) asked.current = { name, key: waitingId() }
      onMade(await createWebhook(group, { name: name.trim() }, asked.current.key))
    } catch (e) {
      setError(refusal(e))
      setBusy(false)
    }
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('new')}
      description={t('nameHint')}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" type="submit" form={form} busy={busy} disabled={!name.trim()}>
            {t('create')}
          </Button>
        </>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault()
          if (name.trim()) void make()
        }}
      >
        <TextField label={t('name')} placeholder={t('namePlaceholder')} error={error} value={name} onValueChange={setName} />
      </form>
    </Dialog>
  )
}
