import { Ellipsis, KeyRound, Pencil, RefreshCw, Trash2 } from 'lucide-react'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { changeWebhook, removeWebhook, rotateWebhook, type IssuedWebhook, type Webhook } from '@/api/webhook'
import { useLimits } from '@/conversation/useConversation'
import { refusal, tooLarge } from '@/lib/refusal'
import { fullTime } from '@/lib/time'
import { actions } from '@/state/store'
import { Avatar } from '@/ui/Avatar'
import { Button } from '@/ui/Button'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { Dialog } from '@/ui/Dialog'
import { IconButton } from '@/ui/IconButton'
import { Menu } from '@/ui/Menu'
import { PictureButton } from '@/ui/PictureButton'
import { TextField } from '@/ui/TextField'
import { toast, toastError } from '@/ui/toast'

interface Props {
  group: string
  webhook: Webhook
  onChanged: (webhook?: IssuedWebhook) => void
}

type Asking = 'rename' | 'rotate' | 'sign' | 'unsign' | 'remove'

/** A webhook, and what its administrators may do with it. */
export function WebhookRow({ group, webhook, onChanged }: Props) {
  const { t, i18n } = useTranslation('webhook')
  const [asking, setAsking] = useState<Asking | null>(null)
  const [busy, setBusy] = useState(false)
  const limit = useLimits()?.image
  const { id, name } = webhook

  const picture = async (makeKey: () => string | Promise<string>) => {
    setBusy(true)
    try {
      onChanged(await changeWebhook(group, id, { avatarKey: await makeKey() }))
    } catch (e) {
      toastError(e)
    } finally {
      setBusy(false)
    }
  }
  const take = (chosen: File) => {
    if (limit && chosen.size > limit) toast(tooLarge(chosen.size, limit), 'error')
    else void picture(() => actions().uploadPicture(chosen))
  }
  const close = (open: boolean) => !open && setAsking(null)
  return (
    <li className="flex items-center gap-3 rounded-lg border border-line p-3">
      <PictureButton
        label={t('picture', { name })}
        choose={t('changePicture')}
        remove={webhook.avatar ? t('removePicture') : undefined}
        busy={busy}
        onChosen={take}
        onRemoved={() => void picture(() => '')}
      >
        <Avatar name={name} src={webhook.avatar} seed={webhook.bot} />
      </PictureButton>
      <div className="min-w-0 flex-1">
        <p dir="auto" className="truncate font-medium">
          {name}
        </p>
        <p className="text-sm text-muted">{webhook.usedAt ? t('used', { time: fullTime(webhook.usedAt, i18n.language) }) : t('unused')}</p>
        {webhook.creatorName && <p className="text-sm text-muted">{t('by', { name: webhook.creatorName })}</p>}
        {webhook.signed && <p className="text-sm text-muted">{t('signed')}</p>}
      </div>
      <Menu
        align="end"
        trigger={<IconButton icon={Ellipsis} label={t('actionsFor', { name })} tooltip={false} />}
        entries={[
          { icon: Pencil, label: t('rename'), onSelect: () => setAsking('rename') },
          { icon: RefreshCw, label: t('rotate'), onSelect: () => setAsking('rotate') },
          { icon: KeyRound, label: t(webhook.signed ? 'newSecret' : 'sign'), onSelect: () => setAsking('sign') },
          webhook.signed && { icon: KeyRound, label: t('unsign'), onSelect: () => setAsking('unsign') },
          { icon: Trash2, label: t('remove'), danger: true, onSelect: () => setAsking('remove') },
        ]}
      />
      {asking === 'rename' && <RenameDialog group={group} webhook={webhook} onClose={() => setAsking(null)} onChanged={onChanged} />}
      <ConfirmDialog
        open={asking === 'rotate'}
        onOpenChange={close}
        title={t('rotateAsk', { name })}
        text={t('rotateText')}
        confirm={t('rotate')}
        onConfirm={async () => onChanged(await rotateWebhook(group, id))}
      />
      <ConfirmDialog
        open={asking === 'sign'}
        onOpenChange={close}
        title={t('signAsk', { name })}
        text={t('signText')}
        confirm={t(webhook.signed ? 'newSecret' : 'sign')}
        onConfirm={async () => onChanged(await changeWebhook(group, id, { signed: true }))}
      />
      <ConfirmDialog
        open={asking === 'unsign'}
        onOpenChange={close}
        title={t('unsignAsk', { name })}
        text={t('unsignText')}
        confirm={t('unsign')}
        danger
        onConfirm={async () => onChanged(await changeWebhook(group, id, { signed: false }))}
      />
      <ConfirmDialog
        open={asking === 'remove'}
        onOpenChange={close}
        title={t('removeAsk', { name })}
        text={t('removeText')}
        confirm={t('remove')}
        danger
        onConfirm={async () => {
          await removeWebhook(group, id)
          onChanged()
        }}
      />
    </li>
  )
}

function RenameDialog({ group, webhook, onClose, onChanged }: Props & { onClose: () => void }) {
  const { t } = useTranslation('webhook')
  const form = useId()
  const [name, setName] = useState(webhook.name)
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const save = async () => {
    setBusy(true)
    setError('')
    try {
      onChanged(await changeWebhook(group, webhook.id, { name: name.trim() }))
      onClose()
    } catch (e) {
      setError(refusal(e))
      setBusy(false)
    }
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('rename')}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" type="submit" form={form} busy={busy} disabled={!name.trim()}>
            {t('save')}
          </Button>
        </>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault()
          if (name.trim()) void save()
        }}
      >
        <TextField label={t('name')} error={error} value={name} onValueChange={setName} />
      </form>
    </Dialog>
  )
}
