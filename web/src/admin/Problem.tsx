import { useTranslation } from 'react-i18next'
import type { Trouble } from '@/app/useTrouble'
import { cn } from '@/lib/cn'
import { Button } from '@/ui/Button'
import { Card } from '@/ui/Card'

/** An error in place of content that could not be loaded. */
export function Problem({ trouble }: { trouble: Trouble }) {
  const { t } = useTranslation('admin')
  return (
    <Card className={cn('flex flex-col items-start gap-3', trouble.retry ? 'text-danger' : 'text-muted')}>
      <p role="alert">{trouble.text}</p>
      {trouble.retry && <Button onClick={trouble.retry}>{t('retry')}</Button>}
    </Card>
  )
}
