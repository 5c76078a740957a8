import { useTranslation } from 'react-i18next'
import { Dialog } from '@/ui/Dialog'
import { KeyTable } from './KeyTable'

/** All keys at a glance. */
export default function HelpSheet({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation('keys')
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('title')} className="sm:top-1/2 sm:max-h-[85dvh] sm:w-[44rem] sm:-translate-y-1/2">
      <div className="pb-4">
        <KeyTable heading="h3" />
      </div>
    </Dialog>
  )
}
