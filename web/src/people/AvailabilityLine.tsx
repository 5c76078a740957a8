import { useTranslation } from 'react-i18next'
import { useStore } from '@/state/store'

const steps = ['hour', 'day', 'week', 'month', 'long'] as const

/** What a person says, and whether the person is online or was last, as far as that is told. */
export default function AvailabilityLine({ id }: { open: boolean; id: string }) {
  const { t } = useTranslation('availability')
  const a = useStore((s) => s.availability[id])
  if (!a) return null
  const { state, seen, status } = a
  const step = steps.find((one) => one === seen)
  const at = state === 'online' || state === 'away' ? t(state) : state === 'offline' ? (step ? t(`seen.${step}`) : t('offline')) : ''
  const says = [status?.emoji, status?.text].filter(Boolean).join(' ')
  const parts = [says, status?.quiet ? t('quiet') : '', at].filter((part) => part !== '')
  if (parts.length === 0) return null
  return (
    <p dir="auto" className="truncate text-xs text-muted">
      {parts.join(' · ')}
    </p>
  )
}
