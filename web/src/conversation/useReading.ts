import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { inFront } from '@/lib/inFront'
import { isNewer } from '@/state/id'
import type { Conversation } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { firstAfter, type Place } from '@/state/unread'
import { endOf, indexAt, nearEnd, shownAt, type Layout } from './layout'

const none: readonly string[] = []

/**
 * Tells the session which messages are on the screen: these count as read. After a jump past unread messages nothing
 * counts until the reader has scrolled back to them, or has gone to the end.
 */
export function useReading({ key: chat, newFrom, newAt, hasNewer, begin }: Conversation) {
  const begun = begin !== undefined
  const past = useRef(false)
  const told = useRef<{ last: string | null; end: boolean } | null>(null)
  const [end, setEnd] = useState(true)
  /** Index of the line at the upper edge. */
  const [first, setFirst] = useState(0)
  /** The reader is at the first unread message: it is on the screen, or directly below. */
  const [atUnread, setAtUnread] = useState(false)
  const mentions = useMentions(chat)
  const { seen } = mentions
  // The last message that was read from here, and the first that is unread after it.
  const read = useRef<string | null>(null)
  const [next, setNext] = useState<Place | null>(null)
  const unread = useMemo(() => (newFrom === null ? null : next && isNewer(next.id, newFrom) ? next : { id: newFrom, at: newAt }), [newFrom, newAt, next])
  const from = unread?.id ?? null

  /** The list begins at another place: at a message that has unread ones before it, or elsewhere. */
  const start = useCallback(
    (message: string | null) => {
      const count = useStore.getState().chats[chat]?.unread ?? 1
      past.current = message !== null && from !== null && count > 0 && isNewer(message, from)
      told.current = null
    },
    [chat, from],
  )

  /** Looks at what is on the screen. `moved`: the reader has scrolled. */
  const look = useCallback(
    (layout: Layout, top: number, moved: boolean) => {
      if (layout.rows.length === 0) return
      const shown = shownAt(layout, top)
      const atEnd = !hasNewer && endOf(layout) - top <= nearEnd
      if (moved && past.current) past.current = !atEnd && !(from !== null && shown[0] !== undefined && !isNewer(shown[0], from))
      setFirst(indexAt(layout, top))
      setEnd(atEnd && !past.current)
      if (!begun) return
      const last = past.current ? null : (shown.at(-1) ?? null)
      if (inFront()) {
        seen(shown)
        if (last !== null && !(read.current && isNewer(read.current, last))) {
          read.current = last
          const now = firstAfter(useStore.getState().conversations[chat]!, last)
          setNext((before) => (before?.id === now?.id ? before : now))
        }
      }
      setAtUnread((last !== null && last === read.current && from === next?.id) || (from !== null && shown.includes(from)))
      const now = { last, end: atEnd && !past.current }
      if (told.current?.last === now.last && told.current.end === now.end) return
      told.current = now
      actions().saw(chat, now)
    },
    [chat, hasNewer, from, next, begun, seen],
  )
  return { start, look, end, first, unread, atUnread, mention: mentions.next }
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
