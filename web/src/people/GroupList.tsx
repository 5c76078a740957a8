import { useInfiniteQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { UsersRound } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { listGroups } from '@/api/group'
import { useTrouble } from '@/app/useTrouble'
import { GroupAvatar } from '@/group/GroupAvatar'
import { Button } from '@/ui/Button'
import { EmptyState } from '@/ui/EmptyState'
import { useOpenChat } from './useOpenChat'

const height = 56

/** The groups that I am in, whether or not they are in the chat list. */
export function GroupList({ query }: { query: string }) {
  const { t } = useTranslation('people')
  const open = useOpenChat()
  const scroller = useRef<HTMLDivElement>(null)
  const groups = useInfiniteQuery({
    queryKey: ['groups', query],
    staleTime: 0, // nothing tells the list that it has changed
    queryFn: ({ pageParam, signal }) => listGroups({ query: query || undefined, next: pageParam, limit: 100 }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  })
  const trouble = useTrouble(groups)
  const rows = groups.data?.pages.flatMap((p) => p.items) ?? []
  const virtualizer = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => height, overscan: 8 })
  const items = virtualizer.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = groups
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= rows.length - 20) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, last, rows.length])

  if (trouble) {
    return <EmptyState icon={UsersRound} title={trouble.text} action={trouble.retry && <Button onClick={trouble.retry}>{t('retry')}</Button>} />
  }
  if (groups.isSuccess && rows.length === 0) {
    return <EmptyState icon={UsersRound} title={t(query ? 'noGroupFound' : 'noGroups')} text={query ? undefined : t('noGroupsHint')} />
  }
  return (
    <div ref={scroller} className="h-full overflow-y-auto py-1">
      <ul aria-label={t('tabs.groups')} className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {items.map((item) => {
          const group = rows[item.index]!
          return (
            <li key={group.id} className="absolute inset-x-0 top-0" style={{ height: item.size, transform: `translateY(${item.start}px)` }}>
              <button
                type="button"
                onClick={() => open(2, group)}
                className="mx-2 flex h-full w-[calc(100%-1rem)] items-center gap-3 rounded-lg px-2 text-left hover:bg-hover"
              >
                <GroupAvatar id={group.id} name={group.name} src={group.avatar} />
                <span className="min-w-0">
                  <span dir="auto" className="block truncate">{group.name}</span>
                  <span className="block truncate text-xs text-muted">
                    {t(group.isPost ? 'groupOf' : 'discussionOf', { count: group.members })}
                  </span>
                </span>
              </button>
            </li>
          )
        })}
      </ul>
    </div>
  )
}
