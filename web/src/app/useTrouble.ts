import { useTranslation } from 'react-i18next'
import { ApiError } from '@/api/http'
import { refusal } from '@/lib/refusal'
import { useSlow } from '@/lib/useSlow'
import { useStore } from '@/state/store'

interface Query {
  data: unknown
  error: Error | null
  isError: boolean
  isPlaceholderData: boolean
  fetchStatus: 'fetching' | 'paused' | 'idle'
  refetch: () => unknown
}

export interface Trouble {
  text: string
  /** null: there is no connection. The query is asked again when there is one, and the banner has the button for that. */
  retry: (() => void) | null
}

/** A first connection that takes longer than this is missed, milliseconds. */
const patience = 500

/** What a screen says in place of the query's answer; null: the answer is here, or is about to come. */
export function useTrouble(query: Query): Trouble | null {
  const { t } = useTranslation('ui')
  const lost = useStore((s) => s.connection === 'offline')
  const connecting = useStore((s) => s.connection === 'connecting')
  const { data, error, isError, isPlaceholderData, fetchStatus } = query
  const missing = isPlaceholderData || (data === undefined && (isError || fetchStatus !== 'idle'))
  const slow = useSlow(missing && connecting, patience)
  if (!lost && !connecting) return isError ? { text: refusal(error), retry: () => void query.refetch() } : null
  if (!missing || !(lost || slow || isError)) return null
  return { text: error instanceof ApiError ? refusal(error) : t('notLoaded'), retry: null }
}
