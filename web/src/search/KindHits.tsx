import { SearchX } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { SearchKind, SearchQuery } from '@/api/search'
import { useTrouble } from '@/app/useTrouble'
import { useSentinel } from '@/lib/useSentinel'
import { Button } from '@/ui/Button'
import { EmptyState } from '@/ui/EmptyState'
import { Spinner } from '@/ui/Spinner'
import { HitRow, hitsOf } from './HitRow'
import { useHits } from './useHits'

interface Props {
  kind: SearchKind
  query: SearchQuery
  inChat?: boolean
  /** Filters can be the reason why nothing was found. */
  filtered?: boolean
}

/** Everything of one kind that was found, with more as one scrolls. */
export function KindHits(props: Props) {
  // While another kind is looked for, the hits of this one would stay, and they have other fields.
  return <HitsOfKind key={props.kind} {...props} />
}

function HitsOfKind({ kind, query, inChat, filtered }: Props) {
  const { t } = useTranslation(['search', 'ui'])
  const found = useHits(kind, query)
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = found
  const more = useSentinel(() => void fetchNextPage(), hasNextPage && !isFetchingNextPage)
  const trouble = useTrouble(found)
  if (trouble) {
    return (
      <div role="alert" className="flex flex-col items-center gap-3 p-6 text-center text-muted">
        <p>{trouble.text}</p>
        {trouble.retry && <Button onClick={trouble.retry}>{t('retry')}</Button>}
      </div>
    )
  }
  if (!found.data) return null
  const hits = found.data.pages.flatMap((page) => hitsOf(kind, { [kind]: page }))
  const partial = found.data.pages.at(-1)?.partial ?? false
  if (hits.length === 0 && !hasNextPage) return <EmptyState icon={SearchX} title={t('nothing')} text={t(partial ? 'partial' : filtered ? 'nothingFiltered' : 'nothingText')} />
  return (
    <>
      <ul>
        {hits.map((one) => (
          <li key={one.hit.id}>
            <HitRow {...one} inChat={inChat} />
          </li>
        ))}
      </ul>
      <div ref={more} className="flex min-h-10 items-center justify-center text-sm text-muted">
        {isFetchingNextPage ? <Spinner label={t('ui:loading')} /> : partial && !hasNextPage && t('partial')}
      </div>
    </>
  )
}
