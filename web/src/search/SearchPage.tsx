import { Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useSearch } from 'wouter'
import type { SearchKind } from '@/api/search'
import { PaneHeader } from '@/app/PaneHeader'
import { useDebounced } from '@/lib/useDebounced'
import { EmptyState } from '@/ui/EmptyState'
import { TextField } from '@/ui/TextField'
import { AllHits } from './AllHits'
import { FilterBar } from './FilterBar'
import { daysWrong, fileTypes, filterQuery, isFiltered, readFilters, sectionsOf, writeFilters, type Filters } from './filters'
import { KindChips } from './KindChips'
import { KindHits } from './KindHits'

const tabs = ['all', 'people', 'groups', 'messages', 'files'] as const
type Tab = (typeof tabs)[number]

/**
 * Searches everything the person may see. The query and the filters are in the address, so that going back from a hit shows
 * the same hits.
 */
export default function SearchPage() {
  const { t } = useTranslation('search')
  const [, navigate] = useLocation()
  const address = new URLSearchParams(useSearch())
  const asked = address.get('q') ?? ''
  const tab = tabs.find((x) => x === address.get('in')) ?? 'all'
  const filters = readFilters(address)
  const [text, setText] = useState(asked)
  const settled = useDebounced(text.trim(), 200)

  const go = (query: string, to: Tab, limits: Filters): void => {
    const params = new URLSearchParams({ ...(query && { q: query }), ...(to !== 'all' && { in: to }), ...writeFilters(limits) }).toString()
    navigate(`/search${params && `?${params}`}`, { replace: true })
  }
  const show = (to: Tab): void => {
    const { kind } = filters
    // Other messages have no files.
    go(settled, to, to === 'files' && kind && !fileTypes.includes(kind) ? { ...filters, kind: undefined } : filters)
  }
  useEffect(() => {
    if (settled !== asked) go(settled, tab, filters)
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
        <KindChips kinds={tabs} value={tab} onValueChange={show} />
        {tab !== 'people' && tab !== 'groups' && <FilterBar filters={filters} onlyFiles={tab === 'files'} onChange={(limits) => go(settled, tab, limits)} />}
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto h-full max-w-3xl px-1 py-2">
          <Results text={settled} tab={tab} filters={filters} onMore={show} />
        </div>
      </div>
    </main>
  )
}

function Results({ text, tab, filters, onMore }: { text: string; tab: Tab; filters: Filters; onMore: (kind: SearchKind) => void }) {
  const { t } = useTranslation('search')
  const byName = tab === 'people' || tab === 'groups'
  const filtered = !byName && isFiltered(filters)
  if (filtered && daysWrong(filters)) return null // the field says so
  if (!text && !filtered) return <EmptyState icon={Search} title={t('begin')} text={t('beginText')} />
  const query = { ...(text && { query: text }), ...(!byName && filterQuery(filters)) }
  const sections = sectionsOf(tab, filters, text)
  // Several at once are short lists with a way to each.
  if (sections.length > 1) return <AllHits kinds={sections} query={query} onMore={onMore} />
  return <KindHits kind={sections[0]!} query={query} filtered={filtered} />
}
