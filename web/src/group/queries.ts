import { useInfiniteQuery, useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { getGroup, listMembers } from '@/api/group'
import { putGroup } from '@/state/group'
import type { Group } from '@/state/model'
import { useStore } from '@/state/store'

/** The group as the server's events keep it in the store; until it is there, as the server tells it. */
export function useGroup(id: string): { group: Group | undefined; error: Error | null; retry: () => void } {
  const known = useStore((s) => s.groups[id])
  const asked = useQuery({
    queryKey: ['group', id],
    queryFn: async ({ signal }) => {
      const group = await getGroup(id, signal)
      showGroup(group) // from here on the pushes keep it
      return group
    },
    enabled: !known,
  })
  return { group: known ?? asked.data, error: known ? null : asked.error, retry: () => void asked.refetch() }
}

/** Puts what a change has made of the group on the screen, before the server's push about it comes. */
export function showGroup(group: Group): void {
  useStore.setState((s) => putGroup(s, group))
}

/** Members page by page, anew whenever the server says that they changed. */
export function useMembers(id: string, query: string) {
  const client = useQueryClient()
  const changes = useStore((s) => s.stale.members[id] ?? 0)
  useEffect(() => {
    if (changes > 0) void client.invalidateQueries({ queryKey: ['members', id] })
  }, [client, id, changes])
  return useInfiniteQuery({
    queryKey: ['members', id, query],
    queryFn: ({ pageParam, signal }) => listMembers(id, { query: query || undefined, next: pageParam, limit: 100 }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  })
}

/**
 * Names of members that an `@` in the group may mean: the first hundred members, who are all of most groups, and of a
 * larger group those whose names begin with one of the words.
 */
export function useMemberNames(id: string, words: readonly string[]): string[] {
  const client = useQueryClient()
  const changes = useStore((s) => s.stale.members[id] ?? 0)
  useEffect(() => {
    if (changes > 0) void client.invalidateQueries({ queryKey: ['members', id, 'names'] })
  }, [client, id, changes])
  const page = (query: string) => ({
    queryKey: ['members', id, 'names', query],
    queryFn: async ({ signal }: { signal: AbortSignal }) => {
      const { items, next } = await listMembers(id, { query: query || undefined, limit: 100 }, signal)
      return { names: items.map(({ person }) => person.name), whole: next === undefined }
    },
    staleTime: 300_000,
  })
  const first = useQuery({ ...page(''), enabled: words.length > 0 })
  const more = first.data && !first.data.whole ? words : none
  const found = useQueries({ queries: more.map(page) })
  return [...(first.data?.names ?? none), ...found.flatMap(({ data }) => data?.names ?? none)]
}

const none: readonly string[] = []

export function useMembersChanged(id: string): () => Promise<void> {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: ['members', id] })
}
