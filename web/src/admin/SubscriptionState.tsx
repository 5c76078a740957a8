import { useTranslation } from 'react-i18next'
import type { AdminSubscription } from '@/api/admin'
import { Tag } from './Tag'

const tones = { active: 'success', failing: 'danger', paused: 'danger', stopped: 'plain', disabled: 'plain' } as const

/** The state of a subscription as a label. */
export function SubscriptionState({ subscription: s }: { subscription: AdminSubscription }) {
  const { t } = useTranslation('admin')
  return <Tag tone={s.state === 'stopped' && s.stopped !== 'by-hand' ? 'danger' : tones[s.state]}>{t(`subscriptions.states.${s.state}`)}</Tag>
}

/** The end of the count of the server. */
const most = 10_000

/** A number of events, as far as the server counts. */
export const countOf = (n: number, language: string): string => `${new Intl.NumberFormat(language).format(n)}${n >= most ? '+' : ''}`
