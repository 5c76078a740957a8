import { useMemo } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { fileTransfer, type Person } from '@/state/model'
import { type State, useStore } from '@/state/store'

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
  return useMemo(() => chats.map(({ ref, name, avatar }) => ({ id: ref.id, name, avatar })), [chats])
}
