import { useTranslation } from 'react-i18next'
import type { IssuedWebhook } from '@/api/webhook'
import { CopyButton } from '@/ui/CopyButton'
import { Dialog } from '@/ui/Dialog'

/** Shows a new address or a new secret, which cannot be shown again. */
export function IssuedDialog({ webhook, onClose }: { webhook: IssuedWebhook; onClose: () => void }) {
  const { t } = useTranslation('webhook')
  const isAddress = webhook.url !== undefined
  const text = webhook.url ?? webhook.secret ?? ''
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t(isAddress ? 'addressOf' : 'secretOf', { name: webhook.name })} description={t('once')}>
      <div role="status" className="flex flex-col items-start gap-3 pb-4">
        <p className="w-full rounded-lg border border-line bg-sunken p-3 font-mono text-sm break-all select-text">{text}</p>
        <p className="text-sm text-muted">{t(isAddress ? 'addressHint' : 'secretHint')}</p>
        <CopyButton text={text} label={t('copy')} copied={t('copied')} />
      </div>
    </Dialog>
  )
}
