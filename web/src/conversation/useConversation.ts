import { useQuery } from '@tanstack/react-query'
import { serverConfig } from '@/api/config'
import { chatRef, type ChatKey, type Group } from '@/state/model'
import { useStore } from '@/state/store'
import { type Speech, speechOf } from './speech'

export function useGroup(chat: ChatKey): Group | undefined {
  const { type, id } = chatRef(chat)
  return useStore((s) => (type === 2 ? s.groups[id] : undefined))
}

export function useSpeech(chat: ChatKey): Speech {
  const group = useGroup(chat)
  return useStore((s) => speechOf(s.chats[chat], group))
}

/** The server's limits; undefined until they are known. */
export const useLimits = () => useQuery({ queryKey: ['config'], queryFn: serverConfig, staleTime: Infinity }).data?.limits
