import { ChevronRight, Webhook } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { DetailsView } from '@/group/details-view'

/** The way to the webhooks of a group, for its administrators. */
export default function WebhooksLink({ onShow }: { onShow: (view: DetailsView) => void }) {
  const { t } = useTranslation('webhook')
  return (
    <button type="button" onClick={() => onShow('webhooks')} className="flex h-11 w-full items-center gap-3 rounded-lg px-3 text-left hover:bg-hover">
      <Webhook aria-hidden className="size-4.5 text-muted" />
      <span className="flex-1">{t('title')}</span>
      <ChevronRight aria-hidden className="size-4 text-muted" />
    </button>
  )
}
