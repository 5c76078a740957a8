import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { SearchX } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { searchAll, type Hits, type SearchKind, type SearchQuery } from '@/api/search'
import { useTrouble } from '@/app/useTrouble'
import { Button } from '@/ui/Button'
import { EmptyState } from '@/ui/EmptyState'
import { HitRow, hitsOf } from './HitRow'

interface Props {
  kinds: readonly SearchKind[]
  query: SearchQuery
  onMore: (kind: SearchKind) => void
}

/** The first few of several kinds, with a way to all of it. */
export function AllHits({ kinds, query, onMore }: Props) {
  const { t } = useTranslation('search')
  const found = useQuery({
    queryKey: ['search', 'all', kinds, query],
    queryFn: ({ signal }) => searchAll(kinds, query, signal),
    placeholderData: keepPreviousData,
  })
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
  const hits: Partial<Hits> = found.data
  const some = kinds.filter((kind) => hits[kind]?.items.length)
  if (some.length === 0) return <EmptyState icon={SearchX} title={t('nothing')} text={t('nothingText')} />
  return some.map((kind) => (
    <section key={kind} aria-labelledby={`hits-${kind}`} className="mb-6">
      <header className="flex items-center gap-4 px-3 pb-1">
        <h2 id={`hits-${kind}`} className="flex-1 text-sm font-semibold text-muted">
          {t(kind)}
        </h2>
        {hits[kind]?.next && (
          <Button kind="link" className="text-sm" aria-label={t('allOf', { kind: t(kind) })} onClick={() => onMore(kind)}>
            {t('more')}
          </Button>
        )}
      </header>
      <ul>
        {hitsOf(kind, hits).map((one) => (
          <li key={one.hit.id}>
            <HitRow {...one} />
          </li>
        ))}
      </ul>
    </section>
  ))
}
