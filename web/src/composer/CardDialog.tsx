import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useKeptForm } from '@/app/keptForm'
import type { ChatKey } from '@/state/model'
import { plain } from '@/lib/plain'
import { actions } from '@/state/store'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { TextField } from '@/ui/TextField'
import { linkOf } from './link'

/** A link with a title, sent as a card. */
export default function CardDialog({ chat, onClose }: { chat: ChatKey; onClose: () => void }) {
  const { t } = useTranslation('composer')
  const { fields, change, forget } = useKeptForm(`card.${chat}`, { address: '', title: '', text: '' })
  const { address, title, text } = fields
  const [tried, setTried] = useState(false)
  const url = linkOf(address)
  const send = (event: React.FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (!url) return
    actions().send(chat, { kind: 'card', text: '', card: { title: plain(title).trim() || new URL(url).host, url, ...(text.trim() && { text: text.trim() }) } })
    forget()
    onClose()
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('card')}
      footer={
        <>
          <Button
            onClick={() => {
              forget()
              onClose()
            }}
          >
            {t('cancel')}
          </Button>
          <Button kind="primary" type="submit" form="card">
            {t('send')}
          </Button>
        </>
      }
    >
      <form id="card" onSubmit={send} noValidate className="flex flex-col gap-3">
        {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to fill this in */}
        <TextField label={t('cardLink')} type="url" inputMode="url" autoFocus placeholder="https://" value={address} onValueChange={(value) => change({ address: value })} error={tried && !url ? t('cardLinkWrong') : undefined} />
        <TextField label={t('cardTitle')} maxLength={200} value={title} onValueChange={(value) => change({ title: value })} />
        <TextField label={t('cardText')} maxLength={500} value={text} onValueChange={(value) => change({ text: value })} />
      </form>
    </Dialog>
  )
}
