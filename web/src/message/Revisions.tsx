import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { refusal } from '@/lib/refusal'
import { fullTime } from '@/lib/time'
import type { Message } from '@/state/model'
import { actions } from '@/state/store'
import { Spinner } from '@/ui/Spinner'

/** The texts that a message has had, the newest first. */
export default function Revisions({ message }: { message: Message }) {
  const { i18n } = useTranslation('message')
  const { data, error } = useQuery({
    queryKey: ['revisions', message.id, message.edited],
    queryFn: () => actions().revisions(message),
    retry: false,
  })
  if (error) return <p className="p-3 text-sm text-muted">{refusal(error.message)}</p>
  if (!data) return <Spinner />
  return (
    <ol className="max-h-80 overflow-y-auto p-3 text-sm">
      {data.toReversed().map(({ con, ts }, i) => (
        <li key={ts} className="border-b border-line py-2 last:border-0">
          <time dateTime={new Date(ts).toISOString()} className="text-xs text-muted">
            {fullTime(ts, i18n.language)}
          </time>
          <p dir="auto" className={i === 0 ? 'wrap-message' : 'wrap-message text-muted'}>
            {con}
          </p>
        </li>
      ))}
    </ol>
  )
}
