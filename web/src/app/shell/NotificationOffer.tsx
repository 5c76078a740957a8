import { BellRing } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { askPermission, permission } from '@/app/notify/desktop'
import { setPreferences, usePreferences } from '@/app/preferences'
import { Button } from '@/ui/Button'

/** Offers desktop notifications, once: a browser asks for its permission only when somebody has pressed a button. */
export function NotificationOffer() {
  const { t } = useTranslation('shell')
  const offered = usePreferences((p) => p.offered)
  const [undecided] = useState(() => permission() === 'default')
  if (offered || !undecided) return null
  return (
    <section aria-label={t('offer')} className="flex shrink-0 flex-wrap items-center gap-x-2 gap-y-1 border-t border-line bg-sunken px-3 py-2 text-sm">
      <BellRing aria-hidden className="size-4 shrink-0 text-muted" />
      <p className="min-w-32 flex-1">{t('offer')}</p>
      <span className="ml-auto flex gap-1">
        <Button size="small" kind="quiet" onClick={() => void answer(false)}>
          {t('notNow')}
        </Button>
        <Button size="small" kind="primary" onClick={() => void answer(true)}>
          {t('allow')}
        </Button>
      </span>
    </section>
  )
}

async function answer(wanted: boolean): Promise<void> {
  setPreferences({ offered: true })
  if (wanted) await askPermission()
}
