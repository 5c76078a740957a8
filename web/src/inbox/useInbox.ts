import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { listNotifications } from '@/api/inbox'
import { useStore } from '@/state/store'

/** The notifications of a category, newest first, as far as they were asked for; fresh ones come by themselves. */
export function useInbox(category: string) {
  const client = useQueryClient()
  const stale = useStore((s) => s.stale.inboxes[category] ?? 0)
  useEffect(() => {
    if (stale > 0) void client.invalidateQueries({ queryKey: ['inbox', category] })
  }, [client, category, stale])
  return useInfiniteQuery({
    queryKey: ['inbox', category],
    queryFn: ({ pageParam, signal }) => listNotifications(category, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  })
}
