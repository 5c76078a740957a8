import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { inFront, whenFrontChanges } from '@/lib/inFront'
import { useSelection } from '@/message/selection'
import type { ChatKey, Conversation } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { placeAt, type Slice } from './layout'
import { anchorOf, indexOfAnchor, indexOfKey, indexOfMessage, type Row } from './rows'
import { ScrollWindow } from './scrollWindow'
import { useReading } from './useReading'

type Box = RefObject<HTMLDivElement | null>
type Window = RefObject<ScrollWindow | null>

/**
 * The window into the lines of a conversation. Requirements:
 * 1. It opens where Conversation.begin says, or at a message that was jumped to.
 * 2. Until the reader scrolls, that place is kept, whatever is loaded, measured or resized. Scrolling makes the message
 *    at the upper edge, or the end, the place that is kept.
 * 3. Pages are asked for before their edge is seen.
 * 4. One's own message is shown, from wherever in the conversation it was sent; not one that was sent from beside it.
 * 5. The session is told what is on the screen.
 */
export function useMessageWindow(scrollerRef: Box, containerRef: Box, conversation: Conversation, rows: readonly Row[]) {
  const { key: chat, hasNewer } = conversation
  const windowRef = useRef<ScrollWindow | null>(null)
  const [slice, setSlice] = useSlice(rows)
  const draw = useRef(setSlice)
  const { start, look, end, first, unread, atUnread, mention } = useReading(conversation)

  useLayoutEffect(() => {
    draw.current = setSlice
    windowRef.current ??= new ScrollWindow(scrollerRef.current!, containerRef.current!, (lines) => draw.current(lines))
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- the elements are there as long as the list is
  }, [setSlice, scrollerRef, containerRef])
  useBegin(windowRef, conversation, rows, start)
  const lit = useJump(windowRef, conversation, rows, start)
  useNewWhileAway(windowRef, conversation)

  const lookNow = useCallback((moved: boolean) => look(windowRef.current!.layout, windowRef.current!.top, moved), [look])
  const show = useCallback(() => {
    windowRef.current!.show(rows, slice, hasNewer)
    lookNow(false)
  }, [rows, slice, hasNewer, lookNow])
  useLayoutEffect(show, [show, conversation.begin, lit])
  const settle = useCallback(() => {
    windowRef.current!.settle()
    lookNow(false)
  }, [lookNow])
  useObserved(scrollerRef, containerRef, settle, slice)
  const onScroll = useCallback(() => {
    if (windowRef.current!.scrolled()) lookNow(true)
  }, [lookNow])

  const toNewest = useNewest(windowRef, conversation, () => {
    windowRef.current!.goTo({ at: 'end' })
    start(null)
    settle()
  })
  usePages(conversation, slice, rows)
  const selected = useSelected(windowRef, scrollerRef, rows, settle)
  useLeaving(windowRef, chat, hasNewer)
  return { slice, first, end, unread, atUnread, mention, lit, selected, toNewest, onScroll }
}

/** The lines that are drawn. They stay the same lines when others come in before them. */
function useSlice(rows: readonly Row[]): [Slice, (slice: Slice) => void] {
  const [kept, setKept] = useState<{ anchor: string; before: number; after: number } | null>(null)
  const setSlice = useCallback(
    ({ from, to }: Slice) => {
      // Lines other than messages come and go with what is around them.
      const message = rows.slice(from, to).findIndex((row) => row.kind === 'message')
      const index = from + Math.max(0, message)
      const row = rows[index]
      setKept(row ? { anchor: anchorOf(row), before: index - from, after: to - index } : null)
    },
    [rows],
  )
  const slice = useMemo(() => {
    const index = kept === null ? -1 : indexOfAnchor(rows, kept.anchor)
    if (kept === null || index < 0) return { from: 0, to: 0 }
    return { from: Math.max(0, index - kept.before), to: Math.min(rows.length, index + kept.after) }
  }, [kept, rows])
  return [slice, setSlice]
}

/** Goes where the conversation begins, once that is known. */
function useBegin(windowRef: Window, { begin }: Conversation, rows: readonly Row[], start: (message: string | null) => void): void {
  const begun = useRef<Conversation['begin']>(undefined)
  useLayoutEffect(() => {
    if (!begin || begun.current === begin) return
    begun.current = begin
    const row = begin.to === 'message' ? rows[indexOfMessage(rows, begin.id)] : undefined
    if (begin.to === 'message' && row) windowRef.current!.goTo({ at: 'row', anchor: anchorOf(row), offset: begin.offset })
    else windowRef.current!.goTo({ at: begin.to === 'new' ? 'new' : 'end' })
    start(begin.to === 'message' ? begin.id : null)
  }, [windowRef, begin, rows, start])
}

// The jumps that were made: one that is over is not repeated when the chat is opened again.
const jumped = new Map<ChatKey, number>()

/** Goes to a message that is jumped to, once it is here. Gives the one that is lit up. */
function useJump(windowRef: Window, { key: chat, jump }: Conversation, rows: readonly Row[], start: (message: string | null) => void): string | null {
  const [lit, setLit] = useState<string | null>(null)
  useLayoutEffect(() => {
    if (!jump || jumped.get(chat) === jump.at) return
    const row = rows[indexOfMessage(rows, jump.id)]
    if (!row) return
    jumped.set(chat, jump.at)
    windowRef.current!.goTo({ at: 'row', anchor: anchorOf(row), offset: 'middle' })
    start(jump.id)
    // oxlint-disable-next-line react/set-state-in-effect -- the list is there by then, and the jump is made once
    setLit(jump.id)
  }, [windowRef, chat, jump, rows, start])
  useEffect(() => {
    if (lit === null) return
    const timer = setTimeout(() => setLit(null), 2000)
    return () => clearTimeout(timer)
  }, [lit])
  return lit
}

/** Keeps the line of the new messages on the screen while messages arrive and the tab is not in front. */
function useNewWhileAway(windowRef: Window, { newFrom }: Conversation): void {
  useLayoutEffect(() => {
    if (newFrom !== null && !inFront() && windowRef.current!.place.at === 'end') windowRef.current!.goTo({ at: 'new' })
  }, [windowRef, newFrom])
}

/** Settles the list when the window, or a line that is drawn, gets another size, and looks again when the reader is back. */
function useObserved(scrollerRef: Box, containerRef: Box, settle: () => void, slice: Slice): void {
  const latest = useRef(settle)
  useLayoutEffect(() => {
    latest.current = settle
  }, [settle])
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => latest.current())
    observer.observe(scrollerRef.current!)
    for (const line of containerRef.current!.children) observer.observe(line)
    return () => observer.disconnect()
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- other lines have to be observed when others are drawn
  }, [scrollerRef, containerRef, slice])
  useEffect(() => {
    const end = new AbortController()
    whenFrontChanges(() => latest.current(), end.signal)
    return () => end.abort()
  }, [])
}

/** The way to the newest message, which an own message takes by itself. */
function useNewest(windowRef: Window, { key: chat, hasNewer, outbox }: Conversation, toEnd: () => void): () => void {
  const online = useStore((s) => s.connection === 'online')
  const toNewest = () => {
    // The newest are another stretch than the one that is here; it begins at its end.
    if (hasNewer) actions().jumpToNewest(chat).catch(told)
    else toEnd()
  }
  const lastSent = outbox.findLast((m) => !m.aside)?.key
  const before = useRef(lastSent)
  useLayoutEffect(() => {
    if (lastSent && lastSent !== before.current) {
      // The message is shown at once, also if the newest messages cannot be loaded.
      toEnd()
      if (hasNewer) toNewest()
    }
    before.current = lastSent
    // oxlint-disable-next-line react/exhaustive-deps -- runs when a message is sent
  }, [lastSent])
  // The newest messages could not be loaded without a connection.
  const missing = online && hasNewer && outbox.length > 0
  useEffect(() => {
    if (missing && windowRef.current!.place.at === 'end') actions().jumpToNewest(chat).catch(told)
  }, [windowRef, chat, missing])
  return toNewest
}

function usePages({ key: chat, begin, loading, error, hasOlder, hasNewer }: Conversation, { from, to }: Slice, rows: readonly Row[]): void {
  const end = rows.findLastIndex((row) => row.kind === 'loading')
  const ready = begin !== undefined && to > from && loading === 'none' && !error
  useEffect(() => {
    if (!ready) return
    if (hasOlder && from === 0) actions().loadOlder(chat).catch(told)
    else if (hasNewer && to > end) actions().loadNewer(chat).catch(told)
  }, [chat, ready, hasOlder, hasNewer, from, to, end])
}

/** Gives the focus to the message that is selected with the keyboard. */
function useSelected(windowRef: Window, scrollerRef: Box, rows: readonly Row[], settle: () => void): string | null {
  const selected = useSelection((s) => s.key)
  useEffect(() => {
    if (selected === null) return
    const index = indexOfKey(rows, selected)
    if (index < 0) return
    const { layout, top } = windowRef.current!
    const above = layout.offsets[index]! - top
    const below = layout.height - (layout.offsets[index + 1]! - top)
    const offset = above < room ? room : below < 0 ? Math.max(room, above + below) : null
    if (offset !== null) {
      windowRef.current!.goTo({ at: 'row', anchor: selected, offset })
      settle()
    }
    const focus = () => scrollerRef.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(selected)}"]`)?.focus({ preventScroll: true })
    focus()
    // If the message is far away, its element exists only after the list has scrolled there.
    const frame = requestAnimationFrame(focus)
    return () => cancelAnimationFrame(frame)
    // oxlint-disable-next-line react/exhaustive-deps -- the list follows the selection, not the selection the list
  }, [selected])
  return selected
}

/** Room for the date above a message that is selected. */
const room = 40

/** Keeps where the reader is when they leave the chat or the page. */
function useLeaving(windowRef: Window, chat: ChatKey, hasNewer: boolean): void {
  const newer = useRef(hasNewer)
  useEffect(() => {
    newer.current = hasNewer
  }, [hasNewer])
  useEffect(() => {
    const leave = () => {
      const { layout, top, place: kept } = windowRef.current!
      if (layout.rows.length === 0) return
      // The end is also the place of a reader who has sent a message behind newer ones that are not loaded.
      const place = kept.at === 'end' ? kept : placeAt(layout, top, newer.current)
      const row = place.at === 'row' ? layout.rows[indexOfAnchor(layout.rows, place.anchor)] : undefined
      const id = row?.kind === 'message' ? row.message.id : null
      actions().leavePlace(chat, place.at === 'row' && typeof place.offset === 'number' && id ? { id, offset: place.offset } : null)
    }
    addEventListener('pagehide', leave)
    return () => {
      removeEventListener('pagehide', leave)
      leave()
    }
  }, [windowRef, chat])
}

// The conversation itself shows the error, with a button to try again.
function told(): void {}
