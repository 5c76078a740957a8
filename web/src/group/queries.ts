import { useInfiniteQuery, useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { getGroup, listMembers } from '@/api/group'
import { useTrouble, type Trouble } from '@/app/useTrouble'
import { putGroup } from '@/state/group'
import type { Group } from '@/state/model'
import { useStore } from '@/state/store'

/** The group as the server's events keep it in the store; until it is there, as the server tells it. */
export function useGroup(id: string): { group: Group | undefined; trouble: Trouble | null } {
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
  const trouble = useTrouble(asked)
  return { group: known ?? asked.data, trouble: known ? null : trouble }
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

// Members of a group who are asked for at once, in pages.
const pageSize = 100
const mostPages = 5
/** How long names are good for, milliseconds: a change of the members is told, a change of a name is not. */
const namesFor = 300_000

async function namesOf(id: string, query: string | undefined, pages: number, signal: AbortSignal): Promise<{ names: string[]; whole: boolean }> {
  const names: string[] = []
  let next: string | undefined
  for (let page = 0; page < pages; page++) {
    const found = await listMembers(id, { query, next, limit: pageSize }, signal)
    names.push(...found.items.map(({ person }) => person.name))
    next = found.next
    if (next === undefined) break
  }
  return { names, whole: next === undefined }
}

/**
 * Names of members that an `@` in the group may mean: asked for once for the whole group. Only of a group with more than
 * 500 members those whose names begin with one of the words are asked for, too.
 */
export function useMemberNames(id: string, words: readonly string[]): string[] {
  const client = useQueryClient()
  const changes = useStore((s) => s.stale.members[id] ?? 0)
  useEffect(() => {
    if (changes > 0) void client.invalidateQueries({ queryKey: ['members', id, 'names'] })
  }, [client, id, changes])
  const all = useQuery({
    queryKey: ['members', id, 'names'],
    queryFn: ({ signal }) => namesOf(id, undefined, mostPages, signal),
    enabled: words.length > 0,
    staleTime: namesFor,
  })
  const more = all.data && !all.data.whole ? words : none
  const found = useQueries({
    queries: more.map((word) => ({
      queryKey: ['members', id, 'names', word],
      queryFn: ({ signal }: { signal: AbortSignal }) => namesOf(id, word, 1, signal),
      staleTime: namesFor,
    })),
  })
  return [...(all.data?.names ?? none), ...found.flatMap(({ data }) => data?.names ?? none)]
}

const none: readonly string[] = []

export function useMembersChanged(id: string): () => Promise<void> {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: ['members', id] })
}
