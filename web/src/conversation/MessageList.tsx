import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { dayStart } from '@/lib/time'
import { useRowActions } from '@/message/context'
import { MessageRow } from '@/message/MessageRow'
import { menuOf } from '@/message/Toolbar'
import type { ChatKey, Conversation, Message } from '@/state/model'
import { actions } from '@/state/store'
import { ContextMenu } from '@/ui/ContextMenu'
import { DateLine, LoadingLine, NewLine, StartLine } from './Lines'
import { JumpToNewest } from './JumpToNewest'
import { dateAbove, estimate, indexOfMessage, type Row, rowsOf } from './rows'
import { useSelection } from './selection'
import { StickyDate } from './StickyDate'

// So near to the end one still counts as reading the newest.
const nearEnd = 80
// So many lines before the edge of what is loaded the next page is asked for.
const ahead = 12

// The jumps that were made: one that is over is not repeated when the chat is opened again.
const jumped = new Map<ChatKey, number>()

const dayOf = (at: number): string => String(dayStart(at))

/**
 * The messages of a chat, as a window into them. It stands at its end and follows what
 * comes in while the reader is there; elsewhere it holds what is being read in place,
 * whatever is loaded above or below, or grows because a picture came.
 */
export function MessageList({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('conversation')
  const chat = conversation.key
  const scroller = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(800)
  const rows = useMemo(() => rowsOf(conversation, dayOf), [conversation])

  // While newer pages are still to come, their arrival must not carry the reader to the end.
  const hadNewer = useRef(conversation.hasNewer)
  const follow = !conversation.hasNewer && !hadNewer.current

  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
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

  useLayoutEffect(() => {
    hadNewer.current = conversation.hasNewer
  }, [conversation.hasNewer])

  // Whether the reader is at the end of what is loaded, by what the browser shows.
  const atEnd = useRef(true)
  const [end, setEnd] = useState(true)
  const { hasNewer } = conversation
  const look = useCallback(() => {
    const { scrollHeight, clientHeight, scrollTop } = scroller.current!
    atEnd.current = scrollHeight - clientHeight - scrollTop <= nearEnd
    setEnd(atEnd.current && !hasNewer)
  }, [hasNewer])

  useLayoutEffect(() => {
    const element = scroller.current!
    setWidth(element.clientWidth)
    const observer = new ResizeObserver(() => {
      setWidth(element.clientWidth)
      // The field below grows with what is written, and must not cover what is read.
      if (atEnd.current) virtualizer.scrollToEnd()
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [virtualizer])

  // Where one begins to read: at the line of the new messages, else at the end.
  const moved = useRef(false)
  const { newFrom } = conversation
  const jump = conversation.jump && jumped.get(chat) !== conversation.jump.at ? conversation.jump : null
  useLayoutEffect(() => {
    if (moved.current || jump) return
    const line = newFrom === null ? -1 : rows.findIndex((row) => row.kind === 'new')
    if (line >= 0) virtualizer.scrollToIndex(line, { align: 'start' })
    else virtualizer.scrollToEnd()
    // oxlint-disable-next-line react/exhaustive-deps -- once for what is there at the beginning, and again when it turns out what is new
  }, [newFrom])

  const [lit, setLit] = useState<string | null>(null)
  useLayoutEffect(() => {
    if (!jump) return
    const index = indexOfMessage(rows, jump.id)
    if (index < 0) return
    moved.current = true
    jumped.set(chat, jump.at)
    virtualizer.scrollToIndex(index, { align: 'center' })
    setLit(jump.id)
  }, [chat, jump, rows, virtualizer])
  useEffect(() => {
    if (lit === null) return
    const timer = setTimeout(() => setLit(null), 2000)
    return () => clearTimeout(timer)
  }, [lit])

  // One's own message is always shown, from wherever one sends it.
  const wantsEnd = useRef(false)
  const lastSent = conversation.outbox.at(-1)?.key
  const sentBefore = useRef(lastSent)
  useLayoutEffect(() => {
    if (lastSent && lastSent !== sentBefore.current) {
      moved.current = true
      wantsEnd.current = conversation.hasNewer
      if (conversation.hasNewer) void actions().jumpToNewest(chat)
      else virtualizer.scrollToEnd()
    }
    sentBefore.current = lastSent
  }, [lastSent, chat, conversation.hasNewer, virtualizer])

  const { range } = virtualizer
  const first = range?.startIndex ?? 0
  const last = range?.endIndex ?? 0
  const { loading, error, hasOlder } = conversation
  useEffect(() => {
    if (loading !== 'none' || error || !range) return
    if (hasOlder && first <= ahead) void actions().loadOlder(chat)
    else if (hasNewer && last >= rows.length - 1 - ahead) void actions().loadNewer(chat)
  }, [chat, loading, error, range, hasOlder, hasNewer, first, last, rows.length])

  useEffect(look, [look, rows])
  useEffect(() => {
    actions().atEnd(chat, end)
  }, [chat, end])

  const selected = useSelection((s) => s.key)
  useEffect(() => {
    if (selected === null) return
    const index = rows.findIndex((row) => row.key === selected)
    if (index < 0) return
    moved.current = true
    virtualizer.scrollToIndex(index, { align: 'auto' })
    const focus = () => scroller.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(selected)}"]`)?.focus({ preventScroll: true })
    focus()
    // Where it is far away its element exists only after the list has been scrolled there.
    const frame = requestAnimationFrame(focus)
    return () => cancelAnimationFrame(frame)
    // oxlint-disable-next-line react/exhaustive-deps -- the list follows the selection, not the selection the list
  }, [selected])

  const toNewest = () => {
    moved.current = true
    wantsEnd.current = hasNewer
    if (hasNewer) void actions().jumpToNewest(chat)
    else virtualizer.scrollToEnd()
  }

  // The newest are another stretch than the one that a jump led to: its end is there once it is loaded.
  useLayoutEffect(() => {
    if (!wantsEnd.current || hasNewer) return
    wantsEnd.current = false
    virtualizer.scrollToEnd()
  }, [hasNewer, rows, virtualizer])

  return (
    <div className="relative min-h-0 flex-1">
      <MessageMenu rows={rows}>
        <div
          ref={scroller}
          role="list"
          aria-label={t('messages')}
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached with the keyboard
          tabIndex={0}
          onScroll={look}
          onWheel={() => {
            moved.current = true
          }}
          onTouchMove={() => {
            moved.current = true
          }}
          className="absolute inset-0 flex flex-col overflow-x-hidden overflow-y-auto overscroll-contain outline-offset-[-2px] [overflow-anchor:none]"
        >
          <div ref={virtualizer.containerRef} role="presentation" className="relative mt-auto w-full shrink-0">
            {virtualizer.getVirtualItems().map((item) => {
              const row = rows[item.index]
              return (
                row && (
                  <div key={item.key} ref={virtualizer.measureElement} data-index={item.index} role="listitem" className="absolute top-0 left-0 w-full">
                    <Line row={row} conversation={conversation} selected={selected === row.key} lit={row.kind === 'message' && lit !== null && row.message.id === lit} />
                  </div>
                )
              )
            })}
          </div>
        </div>
      </MessageMenu>
      <StickyDate at={dateAbove(rows, first)} />
      {!end && <JumpToNewest below={conversation.below} onClick={toNewest} />}
    </div>
  )
}

interface LineProps {
  row: Row
  conversation: Conversation
  selected: boolean
  lit: boolean
}

const Line = memo(
  function Line({ row, conversation, selected, lit }: LineProps) {
    switch (row.kind) {
      case 'message':
        return <MessageRow message={row.message} head={row.head} tail={row.tail} selected={selected} lit={lit} />
      case 'date':
        return <DateLine at={row.at} />
      case 'new':
        return <NewLine />
      case 'start':
        return <StartLine />
      case 'loading':
        return <LoadingLine conversation={conversation} end={row.key === 'newer'} />
    }
  },
  // Rows are made anew with every change of the conversation; what they show mostly stays.
  (a, b) =>
    a.selected === b.selected &&
    a.lit === b.lit &&
    a.row.key === b.row.key &&
    (a.row.kind !== 'message' || b.row.kind !== 'message' || (a.row.message === b.row.message && a.row.head === b.row.head && a.row.tail === b.row.tail)) &&
    (a.row.kind !== 'loading' || a.conversation === b.conversation),
)

/** One context menu for all messages: which one is meant is known when it opens. */
function MessageMenu({ rows, children }: { rows: readonly Row[]; children: React.ReactElement<Record<string, unknown>> }) {
  const { t } = useTranslation('message')
  const actionsOfRow = useRowActions()
  const meant = useRef<Message | null>(null)
  const entries = () => (meant.current ? menuOf(meant.current, actionsOfRow, t) : [])
  return (
    <div
      role="presentation"
      className="contents"
      onContextMenuCapture={(event) => {
        const target = event.target as HTMLElement
        const key = target.closest<HTMLElement>('[data-message]')?.dataset.message
        const row = key === undefined ? undefined : rows.find((r) => r.key === key)
        meant.current = row?.kind === 'message' ? row.message : null
        const links = target.closest('a[href]') !== null
        const marked = (getSelection()?.toString() ?? '') !== ''
        // The browser's own menu serves links and marked text better.
        if (links || marked || !meant.current || actionsOfRow.commands(meant.current).length === 0) event.stopPropagation()
      }}
    >
      <ContextMenu entries={entries}>{children}</ContextMenu>
    </div>
  )
}
