import { useCallback } from 'react'
import { useLocation } from 'wouter'
import { pathOf } from '@/app/paths'
import { type ChatType, chatKey } from '@/state/model'
import { actions } from '@/state/store'

/** Shows the chat with a person (type 1) or group (2), though there may be none in the list yet. */
export function useOpenChat(): (type: ChatType, to: { id: string; name: string; avatar: string }) => void {
  const [, go] = useLocation()
  return useCallback(
    (type, to) => {
      const key = chatKey(type, to.id)
      actions().ensureChat(key, to.name, to.avatar)
      go(pathOf(key))
    },
    [go],
  )
}
