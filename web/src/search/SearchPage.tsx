import { Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useSearch } from 'wouter'
import type { SearchKind } from '@/api/search'
import { PaneHeader } from '@/app/PaneHeader'
import { useDebounced } from '@/lib/useDebounced'
import { EmptyState } from '@/ui/EmptyState'
import { TextField } from '@/ui/TextField'
import { AllHits, kinds } from './AllHits'
import { KindChips } from './KindChips'
import { KindHits } from './KindHits'

const tabs = ['all', ...kinds] as const
type Tab = (typeof tabs)[number]

/** Searches everything the person may see. What is sought is in the address: the way back from a hit leads to the same hits. */
export default function SearchPage() {
  const { t } = useTranslation('search')
  const [, navigate] = useLocation()
  const address = new URLSearchParams(useSearch())
  const asked = address.get('q') ?? ''
  const tab = tabs.find((x) => x === address.get('in')) ?? 'all'
  const [text, setText] = useState(asked)
  const settled = useDebounced(text.trim(), 200)

  const go = (query: string, to: Tab): void => {
    const params = new URLSearchParams({ ...(query && { q: query }), ...(to !== 'all' && { in: to }) }).toString()
    navigate(`/search${params && `?${params}`}`, { replace: true })
  }
  useEffect(() => {
    if (settled !== asked) go(settled, tab)
    // oxlint-disable-next-line react/exhaustive-deps -- the address follows what is typed, not the other way round
  }, [settled])

  return (
    <main className="flex h-full min-w-0 flex-1 flex-col bg-ground">
      <PaneHeader title={t('title')} />
      <div className="mx-auto flex w-full max-w-3xl shrink-0 flex-col gap-3 px-4 pt-4 pb-2">
        <TextField
          type="search"
          label={t('label')}
          hideLabel
          placeholder={t('placeholder')}
          icon={<Search aria-hidden className="size-4" />}
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- who comes here comes to type
          autoFocus
          maxLength={200}
          value={text}
          onValueChange={setText}
        />
        <KindChips kinds={tabs} value={tab} onValueChange={(to) => go(settled, to)} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto h-full max-w-3xl px-1 py-2">
          <Results query={settled} tab={tab} onMore={(kind) => go(settled, kind)} />
        </div>
      </div>
    </main>
  )
}

function Results({ query, tab, onMore }: { query: string; tab: Tab; onMore: (kind: SearchKind) => void }) {
  const { t } = useTranslation('search')
  if (!query) return <EmptyState icon={Search} title={t('begin')} text={t('beginText')} />
  return tab === 'all' ? <AllHits query={query} onMore={onMore} /> : <KindHits kind={tab} query={{ query }} />
}
