import { useCallback, useEffect, useRef, useState } from 'react'
import { inFront } from '@/lib/inFront'
import { isNewer } from '@/state/id'
import type { Conversation } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { endOf, indexAt, nearEnd, shownAt, type Layout } from './layout'

const none: readonly string[] = []

/**
 * Tells the session which messages are on the screen: these count as read. After a jump past unread messages nothing
 * counts until the reader has scrolled back to them, or has gone to the end.
 */
export function useReading({ key: chat, newFrom, hasNewer, begin }: Conversation) {
  const begun = begin !== undefined
  const past = useRef(false)
  const told = useRef<{ last: string | null; end: boolean } | null>(null)
  const [end, setEnd] = useState(true)
  /** Index of the line at the upper edge. */
  const [first, setFirst] = useState(0)
  const mentions = useMentions(chat)
  const { seen } = mentions

  /** The list begins at another place: at a message that has unread ones before it, or elsewhere. */
  const start = useCallback(
    (message: string | null) => {
      const unread = useStore.getState().chats[chat]?.unread ?? 1
      past.current = message !== null && newFrom !== null && unread > 0 && isNewer(message, newFrom)
      told.current = null
    },
    [chat, newFrom],
  )

  /** Looks at what is on the screen. `moved`: the reader has scrolled. */
  const look = useCallback(
    (layout: Layout, top: number, moved: boolean) => {
      if (layout.rows.length === 0) return
      const shown = shownAt(layout, top)
      const atEnd = !hasNewer && endOf(layout) - top <= nearEnd
      if (moved && past.current) past.current = !atEnd && !(newFrom !== null && shown[0] !== undefined && !isNewer(shown[0], newFrom))
      setFirst(indexAt(layout, top))
      setEnd(atEnd && !past.current)
      if (!begun) return
      if (inFront()) seen(shown)
      const now = { last: past.current ? null : (shown.at(-1) ?? null), end: atEnd && !past.current }
      if (told.current?.last === now.last && told.current.end === now.end) return
      told.current = now
      actions().saw(chat, now)
    },
    [chat, hasNewer, newFrom, begun, seen],
  )
  return { start, look, end, first, mention: mentions.next }
}

/** Unread messages that mention me and have not been on the screen since the chat was opened. `next`: the oldest. */
function useMentions(chat: string) {
  const unread = useStore((s) => s.chats[chat]?.mentions ?? none)
  const seenIds = useRef(new Set<string>())
  const [waiting, setWaiting] = useState(none)
  useEffect(() => {
    const more = unread.filter((id) => !seenIds.current.has(id))
    // A mention that was read without being seen, because the reader went to the end, stays.
    // oxlint-disable-next-line react/set-state-in-effect -- follows the store
    setWaiting((now) => (more.every((id) => now.includes(id)) ? now : [...new Set([...now, ...more])].sort((a, b) => (isNewer(a, b) ? 1 : -1))))
  }, [unread])
  const seen = useCallback((shown: readonly string[]) => {
    for (const id of shown) seenIds.current.add(id)
    setWaiting((now) => (now.some((id) => seenIds.current.has(id)) ? now.filter((id) => !seenIds.current.has(id)) : now))
  }, [])
  return { seen, next: waiting }
}
