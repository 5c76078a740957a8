import { ShieldAlert } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { useStore } from '@/state/store'

const page = '/settings/two-factor'

/** Says that the server requires two-factor of this person, above the page, until it is set up. */
export function TwoFactorBanner() {
  const { t } = useTranslation('shell')
  const due = useStore((s) => s.me?.twoFactorDue ?? false)
  const [path] = useLocation()
  if (!due || path === page) return null
  return (
    <section aria-label={t('twoFactorDue')} className="flex shrink-0 flex-wrap items-center justify-center gap-x-2 border-b border-line bg-raised px-4 py-1.5 text-center text-sm">
      <ShieldAlert aria-hidden className="size-4 shrink-0 text-warning" />
      <span>{t('twoFactorDue')}</span>
      <Link href={page} className="text-accent underline underline-offset-4">
        {t('setUpTwoFactor')}
      </Link>
    </section>
  )
}
