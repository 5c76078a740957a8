import { Pencil, X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { IconButton } from '@/ui/IconButton'

/** Shows that the field has the text of a sent message. */
export function EditBar({ former, onClose }: { former: string; onClose: () => void }) {
  const { t } = useTranslation('composer')
  return (
    <div className="mb-1 flex items-center gap-2 rounded-lg border-l-2 border-accent bg-sunken py-1 pr-1 pl-3 text-sm">
      <Pencil aria-hidden className="size-4 shrink-0 text-accent" />
      <p dir="auto" className="min-w-0 flex-1 truncate">
        <span className="font-medium">{t('editing')}</span> <span className="text-muted">{former}</span>
      </p>
      <IconButton icon={X} label={t('cancelEdit')} keys="Esc" size="small" onClick={onClose} />
    </div>
  )
}
