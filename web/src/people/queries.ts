import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { listRequests } from '@/api/friends'
import { getPerson } from '@/api/people'
import { useStore } from '@/state/store'

/** Loads anew what is known about people once the server has said that somebody changed. */
export function useFreshPeople(): void {
  const client = useQueryClient()
  const { people, requests } = useStore((s) => s.stale)
  useEffect(() => {
    if (people > 0) void client.invalidateQueries({ queryKey: ['people'] })
  }, [client, people])
  useEffect(() => {
    if (requests > 0) void client.invalidateQueries({ queryKey: ['friend-requests'] })
  }, [client, requests])
}

export const profileQuery = (id: string, staleTime: number) =>
  queryOptions({ queryKey: ['people', 'profile', id], queryFn: ({ signal }) => getPerson(id, signal), staleTime })

/** Asked for anew whenever it is shown unless said otherwise: nothing tells that there is another group in common. */
export const useProfile = (id: string, staleTime = 0) => useQuery(profileQuery(id, staleTime))

export const useFriendRequests = () => useQuery({ queryKey: ['friend-requests'], queryFn: ({ signal }) => listRequests(signal) })

/** What a change among friends leaves out of date: everybody's relation, and the requests. */
export function useFriendsChanged(): () => Promise<void> {
  const client = useQueryClient()
  return async () => {
    await Promise.all([client.invalidateQueries({ queryKey: ['people'] }), client.invalidateQueries({ queryKey: ['friend-requests'] })])
  }
}
