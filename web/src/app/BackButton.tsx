import { ChevronLeft } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { IconButton } from '@/ui/IconButton'

/** Leads from a pane to what is left of it, on screens that show one pane at a time. */
export function BackButton({ to = '/' }: { to?: string }) {
  const { t } = useTranslation('shell')
  const [, navigate] = useLocation()
  return <IconButton icon={ChevronLeft} label={t('back')} tooltip={false} onClick={() => navigate(to)} className="-ml-2 md:hidden" />
}
