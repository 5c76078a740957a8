import { useQuery, useQueryClient } from '@tanstack/react-query'
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

/** Asked for anew whenever it is shown: nothing tells that there is another group in common. */
export const useProfile = (id: string) =>
  useQuery({ queryKey: ['people', 'profile', id], queryFn: ({ signal }) => getPerson(id, signal), staleTime: 0 })

export const useFriendRequests = () => useQuery({ queryKey: ['friend-requests'], queryFn: ({ signal }) => listRequests(signal) })

/** What a change among friends leaves out of date: everybody's relation, and the requests. */
export function useFriendsChanged(): () => Promise<void> {
  const client = useQueryClient()
  return async () => {
    await Promise.all([client.invalidateQueries({ queryKey: ['people'] }), client.invalidateQueries({ queryKey: ['friend-requests'] })])
  }
}
