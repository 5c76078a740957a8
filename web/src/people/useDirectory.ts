import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type RefObject, useEffect, useMemo } from 'react'
import { type DirectoryFilter, listPeople } from '@/api/people'
import type { Person } from '@/state/model'
import { type Line, layOut, pagesOf } from './layout'

const pageSize = 100
const heights = { heading: 28, person: 56 }
const nobody: Person[] = []
const none: number[] = []

/**
 * The directory as a list that is scrolled: of ten thousand people those are
 * loaded whose lines are in sight. `recent` stand above it.
 */
export function useDirectory(filter: DirectoryFilter, scroller: RefObject<HTMLElement | null>, recent: Person[] = nobody) {
  const key = ['people', 'directory', filter.query ?? '', filter.organization ?? '', !!filter.friends] as const
  const page = (number: number) => ({
    queryKey: [...key, number],
    queryFn: ({ signal }: { signal: AbortSignal }) => listPeople(filter, { offset: number * pageSize, limit: pageSize }, signal),
  })
  const first = useQuery({ ...page(0), placeholderData: keepPreviousData })
  const sections = first.data?.sections
  const layout = useMemo(() => {
    const found = sections ?? []
    const total = found.reduce((sum, { count }) => sum + count, 0)
    const items = first.data?.items ?? nobody
    // The positions of the recent people are known only if the whole directory is loaded.
    const known = items.length < total ? nobody : items
    const left = new Set(known.flatMap(({ id }, offset) => (recent.some((one) => one.id === id) ? [offset] : [])))
    return layOut(found, recent.length, left)
  }, [sections, first.data, recent])

  const virtualizer = useVirtualizer({
    count: layout.lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (i) => ('initial' in layout.lines[i]! ? heights.heading : heights.person),
    getItemKey: (i) => {
      const line = layout.lines[i]!
      if ('initial' in line) return line.initial
      return 'recent' in line ? `recent ${line.recent}` : line.offset
    },
    overscan: 8,
  })
  const items = virtualizer.getVirtualItems()
  const { query, organization, friends } = filter
  useEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0
  }, [scroller, query, organization, friends])
  // The first page is here already: it says how long the list is. While it is still that of another filter, nothing of
  // this one's is known to be in sight.
  const numbers = first.isPlaceholderData ? none : pagesOf(layout.lines, items.map((i) => i.index), pageSize).filter((n) => n > 0)
  const pages = useQueries({ queries: numbers.map(page) })

  /** undefined: a heading, or somebody who is not loaded yet. */
  const personOn = (line: Line): Person | undefined => {
    if ('recent' in line) return recent[line.recent]
    if ('initial' in line) return undefined
    const number = Math.floor(line.offset / pageSize)
    const data = number === 0 ? first.data : pages[numbers.indexOf(number)]?.data
    return data?.items[line.offset % pageSize]
  }
  return { first, layout, virtualizer, items, personOn, failed: pages.find((p) => p.isError) }
}
