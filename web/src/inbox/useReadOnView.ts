import { useEffect, useRef, useState, type RefObject } from 'react'
import { inFront, whenFrontChanges } from '@/lib/inFront'
import type { ChatKey, Notification } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { readBySeeing } from './unseen'

/**
 * Marks notifications as read that have been on the screen while the tab was in front. Returns the ref of their list, in
 * which the attribute data-unread of an element names the unread notification that it belongs to. `items` are newest
 * first; `whole`: no older ones are left to load.
 */
export function useReadOnView(key: ChatKey, items: readonly Notification[], whole: boolean): RefObject<HTMLUListElement | null> {
  const list = useRef<HTMLUListElement>(null)
  const seen = useRef(new Set<string>())
  const told = useRef('')
  const unread = useStore((s) => s.chats[key]?.unread ?? 0)
  const looking = useLooking()
  useEffect(() => {
    if (!looking || !list.current) return undefined
    const read = (): void => {
      const found = readBySeeing(items, seen.current, whole)
      if (!found) return
      // A notification that has just arrived is counted before it is in the list.
      const left = Math.max(found.left, unread - found.read)
      const now = `${found.upTo} ${left}`
      if (told.current === now) return
      told.current = now
      actions()
        .markRead(key, left)
        .catch(() => (told.current = '')) // tried again when something new is on the screen
    }
    const observer = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) seen.current.add((target as HTMLElement).dataset.unread!)
      read()
    })
    for (const mark of list.current.querySelectorAll('[data-unread]')) observer.observe(mark)
    return () => observer.disconnect()
  }, [key, items, whole, unread, looking])
  return list
}

function useLooking(): boolean {
  const [looking, setLooking] = useState(inFront)
  useEffect(() => {
    const end = new AbortController()
    whenFrontChanges(() => setLooking(inFront()), end.signal)
    return () => end.abort()
  }, [])
  return looking
}
