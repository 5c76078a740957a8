import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { fileTransfer, type Person } from '@/state/model'
import { type State, useStore } from '@/state/store'
import { profileQuery } from './queries'

const most = 5

function recentChats(s: State) {
  return s.order
    .flatMap((key) => s.chats[key] ?? [])
    .filter((chat) => chat.ref.type === 1 && chat.ref.id !== fileTransfer && chat.active)
    .toSorted((a, b) => b.at - a.at)
    .slice(0, most)
}

const none = () => []

/** The people I have written with last, the latest first. */
export function useRecentPeople(wanted: boolean): Person[] {
  const chats = useStore(useShallow(wanted ? recentChats : none))
  const emails = useQueries({
    queries: chats.map(({ ref }) => profileQuery(ref.id, 300_000)),
    combine: (profiles) => profiles.map(({ data }) => data?.email),
  })
  return useMemo(() => chats.map(({ ref, name, avatar }, i) => ({ id: ref.id, name, avatar, email: emails[i] })), [chats, emails])
}
