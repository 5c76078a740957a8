import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual'
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { ChatKey, Conversation } from '@/state/model'
import { actions } from '@/state/store'
import { estimate, indexOfKey, indexOfMessage, type Row } from './rows'
import { useSelection } from './selection'

type List = Virtualizer<HTMLDivElement, Element>
type Scroller = RefObject<HTMLDivElement | null>

// So near to the end one still counts as reading the newest.
const nearEnd = 80
// So many lines before the edge of what is loaded the next page is asked for.
const ahead = 12

/**
 * The window into the lines of a conversation. Requirements:
 * 1. It opens at the line of the new messages, else at the end; or at a message that was jumped to.
 * 2. At the end it stays there, whatever comes in, grows, or takes room from it.
 * 3. Elsewhere nothing that is loaded or measured moves what is being read.
 * 4. Pages are asked for before their edge is seen.
 * 5. One's own message is shown, from wherever it was sent.
 */
export function useMessageWindow(scrollerRef: Scroller, conversation: Conversation, rows: readonly Row[]) {
  // Set once the reader has gone somewhere: from then on only they say where to.
  const movedRef = useRef(false)
  const [width, setWidth] = useState(() => (innerWidth < 768 ? innerWidth : innerWidth - 400))
  const follow = useFollows(conversation.hasNewer)

  const list = useVirtualizer<HTMLDivElement, Element>({
    count: rows.length,
    getScrollElement: () => scrollerRef.current,
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    estimateSize: (index) => estimate(rows[index]!, width),
    anchorTo: 'end',
    followOnAppend: follow,
    scrollEndThreshold: nearEnd,
    scrollPaddingStart: 72,
    paddingStart: 8,
    paddingEnd: 12,
    overscan: 8,
    directDomUpdates: true,
  })

  useTop(scrollerRef, list, rows)
  const { end, look } = useEnd(scrollerRef, list, conversation, rows, setWidth)
  const { lit, settling } = usePlace(list, conversation, rows, movedRef)
  const toNewest = useNewest(list, conversation, movedRef)
  usePages(list, conversation, rows, settling)
  const selected = useSelected(scrollerRef, list, rows, movedRef)
  const onMove = useCallback(() => {
    movedRef.current = true
  }, [])
  const { containerRef, measureElement } = list
  return { items: list.getVirtualItems(), first: list.range?.startIndex ?? 0, containerRef, measureElement, end, look, lit, selected, toNewest, onMove }
}

/**
 * At the very top the list holds on to its first line, which says that there is more and stays the first. What is read
 * is the message below it, and that is where a page joins.
 */
function useTop(scrollerRef: Scroller, list: List, rows: readonly Row[]): void {
  const topmost = useRef<{ key: string; start: number } | null>(null)
  useLayoutEffect(() => {
    const element = scrollerRef.current!
    const index = rows.findIndex((row) => row.kind === 'message')
    const before = topmost.current
    const now = before === null ? -1 : rows.findIndex((row) => row.key === before.key)
    const start = list.measurementsCache[now]?.start
    if (before !== null && start !== undefined && now > index && element.scrollTop < before.start) {
      list.scrollToOffset(element.scrollTop + start - before.start)
    }
    const first = list.measurementsCache[index]
    topmost.current = first ? { key: rows[index]!.key, start: first.start } : null
  }, [scrollerRef, list, rows])
}

/** While newer pages are still to come, the last of them included, their arrival must not carry the reader to the end. */
function useFollows(hasNewer: boolean): boolean {
  const [before, setBefore] = useState(hasNewer)
  // oxlint-disable-next-line react/set-state-in-effect -- the list has taken the page by then
  useEffect(() => setBefore(hasNewer), [hasNewer])
  return !hasNewer && !before
}

/** Whether the reader sees the newest, which the session is told; and staying there when the window's size changes. */
function useEnd(scrollerRef: Scroller, list: List, { key: chat, hasNewer }: Conversation, rows: readonly Row[], onWidth: (width: number) => void) {
  // By what the browser shows: the list may not have heard yet.
  const atEnd = useRef(true)
  const [end, setEnd] = useState(true)
  const look = useCallback(() => {
    const { scrollHeight, clientHeight, scrollTop } = scrollerRef.current!
    atEnd.current = scrollHeight - clientHeight - scrollTop <= nearEnd
    setEnd(atEnd.current && !hasNewer)
  }, [scrollerRef, hasNewer])
  // What was missed stands before what waits to be sent: the list takes it for something that came in elsewhere.
  const last = rows.at(-1)?.key
  const before = useRef({ last, count: rows.length })
  useLayoutEffect(() => {
    const came = before.current.last === last && rows.length > before.current.count
    before.current = { last, count: rows.length }
    if (came && atEnd.current && !hasNewer) list.scrollToEnd()
  }, [rows, last, hasNewer, list])
  useEffect(look, [look, rows])
  useEffect(() => {
    actions().atEnd(chat, end)
  }, [chat, end])

  useLayoutEffect(() => {
    const element = scrollerRef.current!
    onWidth(element.clientWidth)
    const observer = new ResizeObserver(() => {
      onWidth(element.clientWidth)
      // The field below grows with what is written, and must not cover what is read.
      if (atEnd.current) list.scrollToEnd()
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [scrollerRef, list, onWidth])
  return { end, look }
}

// The jumps that were made: one that is over is not repeated when the chat is opened again.
const jumped = new Map<ChatKey, number>()

/**
 * Where one begins to read, and where a jump leads. Gives the message that is lit up, and whether a jump has yet to come
 * to rest: the list goes there by the number of the line, which another page would give to another line.
 */
function usePlace(list: List, conversation: Conversation, rows: readonly Row[], movedRef: RefObject<boolean>): { lit: string | null; settling: boolean } {
  const { key: chat, newFrom } = conversation
  const jump = conversation.jump && jumped.get(chat) !== conversation.jump.at ? conversation.jump : null
  useLayoutEffect(() => {
    if (movedRef.current || jump) return
    const line = newFrom === null ? -1 : rows.findIndex((row) => row.kind === 'new')
    if (line >= 0) list.scrollToIndex(line, { align: 'start' })
    else list.scrollToEnd()
    // oxlint-disable-next-line react/exhaustive-deps -- once for what is there at the beginning, and again when it turns out what is new
  }, [newFrom])

  const [lit, setLit] = useState<string | null>(null)
  useLayoutEffect(() => {
    if (!jump) return
    const index = indexOfMessage(rows, jump.id)
    if (index < 0) return
    movedRef.current = true
    jumped.set(chat, jump.at)
    list.scrollToIndex(index, { align: 'center' })
    setLit(jump.id)
  }, [chat, jump, rows, list, movedRef])
  useEffect(() => {
    if (lit === null) return
    const timer = setTimeout(() => setLit(null), 2000)
    return () => clearTimeout(timer)
  }, [lit])
  return { lit, settling: lit !== null || (jump !== null && indexOfMessage(rows, jump.id) >= 0) }
}

/** The way to the newest message, which an own message takes by itself. */
function useNewest(list: List, { key: chat, hasNewer, outbox }: Conversation, movedRef: RefObject<boolean>): () => void {
  const wanted = useRef(false)
  const toNewest = useCallback(() => {
    movedRef.current = true
    wanted.current = hasNewer
    if (hasNewer) actions().jumpToNewest(chat).catch(told)
    else list.scrollToEnd()
  }, [chat, hasNewer, list, movedRef])

  // The newest are another stretch than the one that a jump led to: its end is there once it is loaded.
  useLayoutEffect(() => {
    if (!wanted.current || hasNewer) return
    wanted.current = false
    list.scrollToEnd()
  }, [hasNewer, list])

  const lastSent = outbox.at(-1)?.key
  const before = useRef(lastSent)
  useLayoutEffect(() => {
    if (lastSent && lastSent !== before.current) toNewest()
    before.current = lastSent
  }, [lastSent, toNewest])
  return toNewest
}

function usePages({ range }: List, { key: chat, loading, error, hasOlder, hasNewer }: Conversation, rows: readonly Row[], settling: boolean): void {
  const first = range?.startIndex ?? 0
  const last = range?.endIndex ?? 0
  const count = rows.length
  const ready = range !== null && loading === 'none' && !error && !settling
  useEffect(() => {
    if (!ready) return
    if (hasOlder && first <= ahead) actions().loadOlder(chat).catch(told)
    else if (hasNewer && last >= count - 1 - ahead) actions().loadNewer(chat).catch(told)
  }, [chat, ready, hasOlder, hasNewer, first, last, count])
}

/** Gives the focus to the message that is selected with the keyboard. */
function useSelected(scrollerRef: Scroller, list: List, rows: readonly Row[], movedRef: RefObject<boolean>): string | null {
  const selected = useSelection((s) => s.key)
  useEffect(() => {
    if (selected === null) return
    const index = indexOfKey(rows, selected)
    if (index < 0) return
    movedRef.current = true
    list.scrollToIndex(index, { align: 'auto' })
    const focus = () => scrollerRef.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(selected)}"]`)?.focus({ preventScroll: true })
    focus()
    // Where it is far away its element exists only after the list has been scrolled there.
    const frame = requestAnimationFrame(focus)
    return () => cancelAnimationFrame(frame)
    // oxlint-disable-next-line react/exhaustive-deps -- the list follows the selection, not the selection the list
  }, [selected])
  return selected
}

// What went wrong stands in the conversation itself, with a button to try again.
function told(): void {}
