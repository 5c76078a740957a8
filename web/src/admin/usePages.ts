import { keepPreviousData, useInfiniteQuery, type InfiniteData, type UseInfiniteQueryResult } from '@tanstack/react-query'
import type { Page } from '@/api/page'

export type Pages<T> = UseInfiniteQueryResult<InfiniteData<Page<T>>>

/** A list of the administration API that is loaded in pages. Every change in the administration invalidates the key `admin`. */
export function usePages<T>(
  key: readonly unknown[],
  ask: (next: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
): Pages<T> {
  return useInfiniteQuery({
    queryKey: ['admin', ...key],
    queryFn: ({ pageParam, signal }) => ask(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    staleTime: 0,
  })
}
