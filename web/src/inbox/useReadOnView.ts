import { useEffect, useState } from 'react'
import type { ChatKey } from '@/state/model'
import { actions, useStore } from '@/state/store'

/** Marks the inbox as read as soon as somebody has it in front of them, and each time something new is in it. */
export function useReadOnView(key: ChatKey, shown: boolean): void {
  const unread = useStore((s) => (s.chats[key]?.unread ?? 0) + (s.chats[key]?.weakUnread ?? 0))
  const looking = useLooking()
  useEffect(() => {
    if (shown && looking && unread > 0) actions().markRead(key).catch(() => undefined) // tried again with the next one
  }, [key, shown, looking, unread])
}

const isLooking = (): boolean => document.visibilityState === 'visible' && document.hasFocus()

function useLooking(): boolean {
  const [looking, setLooking] = useState(isLooking)
  useEffect(() => {
    const look = (): void => setLooking(isLooking())
    window.addEventListener('focus', look)
    window.addEventListener('blur', look)
    document.addEventListener('visibilitychange', look)
    return () => {
      window.removeEventListener('focus', look)
      window.removeEventListener('blur', look)
      document.removeEventListener('visibilitychange', look)
    }
  }, [])
  return looking
}
