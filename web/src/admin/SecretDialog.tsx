import { useTranslation } from 'react-i18next'
import { CopyButton } from '@/ui/CopyButton'
import { Dialog } from '@/ui/Dialog'

interface Props {
  /** Undefined: the dialog is closed. */
  secret: string | undefined
  title: string
  onClose: () => void
}

/** Shows a secret, which cannot be shown again. */
export function SecretDialog({ secret, title, onClose }: Props) {
  const { t } = useTranslation('admin')
  return (
    <Dialog open={secret !== undefined} onOpenChange={(open) => !open && onClose()} title={title} description={t('applications.secretOnce')}>
      <div role="status" className="flex flex-col items-start gap-3 pb-4">
        <p className="w-full rounded-lg border border-line bg-sunken p-3 font-mono text-sm break-all select-text">{secret}</p>
        <CopyButton text={secret ?? ''} label={t('copy')} copied={t('copied')} />
      </div>
    </Dialog>
  )
}
