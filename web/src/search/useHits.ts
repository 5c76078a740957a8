import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { search, type Hits, type SearchKind, type SearchQuery } from '@/api/search'

/** Everything of one kind that fits, page after page. A component that uses it is of one kind: it is made anew for another. */
export function useHits<K extends SearchKind>(kind: K, query: SearchQuery) {
  return useInfiniteQuery({
    queryKey: ['search', kind, query],
    queryFn: ({ pageParam, signal }): Promise<Hits[K]> => search(kind, { ...query, next: pageParam, limit: 30 }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData, // what was found before stays until there is something new
  })
}
