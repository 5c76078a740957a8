import { MapPinOff } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { EmptyState } from '@/ui/EmptyState'

export function NotFound() {
  const { t } = useTranslation('shell')
  return (
    <main className="h-full flex-1 bg-ground">
      <EmptyState
        icon={MapPinOff}
        title={t('notFoundTitle')}
        text={t('notFoundText')}
        action={
          <Link href="/" className="text-accent underline-offset-4 hover:underline">
            {t('toChats')}
          </Link>
        }
      />
    </main>
  )
}
