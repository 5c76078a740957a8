import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, type KeyboardEvent, type SyntheticEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatKey } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { ContextMenu } from '@/ui/ContextMenu'
import { ChatRow, rowHeight } from './ChatRow'
import { useChatMenu } from './useChatMenu'
import { useToday } from './useToday'

/** How far from the end the next page of the list is asked for, in rows. */
const ahead = 40

// The last scroll position of the list. On a phone the list is removed whenever a chat is opened.
let leftAt = 0

/** The rows themselves: only those in sight are in the page. Arrow keys move between them. */
export function ChatRows({ keys, current }: { keys: ChatKey[]; current: ChatKey | null }) {
  const { t } = useTranslation('chatlist')
  const box = useRef<HTMLDivElement>(null)
  const today = useToday()
  const menuFor = useRef<ChatKey | null>(null)
  const menu = useChatMenu()
  const complete = useStore((s) => s.chatsComplete)
  const rows = useVirtualizer({
    count: keys.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 6,
    initialOffset: () => leftAt,
  })
  const shown = rows.getVirtualItems()

  const wantsMore = !complete && (shown.at(-1)?.index ?? 0) >= keys.length - ahead
  useEffect(() => {
    if (wantsMore) actions().loadMoreChats().catch(() => undefined) // the connection banner says why
  }, [wantsMore, keys.length])

  useEffect(() => {
    const element = box.current
    return () => {
      leftAt = element?.scrollTop ?? 0
    }
  }, [])

  // The chat that is opened by other ways than the list is brought into sight; one that is in sight stays where it is.
  const at = current === null ? -1 : keys.indexOf(current)
  const lastCurrent = useRef<ChatKey | null>(null)
  useEffect(() => {
    if (at >= 0 && lastCurrent.current !== current) {
      lastCurrent.current = current
      rows.scrollToIndex(at, { align: 'auto' })
    }
  }, [at, current, rows])

  const focusRow = (index: number): void => {
    const key = keys[index]
    if (key === undefined) return
    rows.scrollToIndex(index, { align: 'auto' })
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-chat="${CSS.escape(key)}"]`)?.focus({ preventScroll: true }))
  }
  const move = (e: KeyboardEvent): void => {
    const from = keys.indexOf(keyAt(e) ?? '')
    if (from < 0 || e.altKey || e.ctrlKey || e.metaKey) return
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / rowHeight) - 1)
    const last = keys.length - 1
    const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: last, PageDown: from + page, PageUp: from - page }[e.key]
    if (to === undefined) return
    e.preventDefault()
    focusRow(Math.max(0, Math.min(last, to)))
  }

  // One menu for all rows: it is told which one it was opened on.
  const remember = (e: SyntheticEvent): void => {
    const key = keyAt(e)
    if (key) menuFor.current = key
    else if (e.type === 'contextmenu') e.stopPropagation()
  }

  return (
    <ContextMenu entries={() => (menuFor.current ? menu(menuFor.current) : [])}>
      <div
        ref={box}
        role="presentation" // the keys and the menu are those of the links in it
        data-chat-rows
        onKeyDown={move}
        onContextMenuCapture={remember}
        onPointerDownCapture={remember}
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain"
      >
        <ul aria-label={t('title')} className="relative" style={{ height: rows.getTotalSize() }}>
          {shown.map((row) => {
            const key = keys[row.index]
            return (
              key !== undefined && (
                <li
                  key={key}
                  aria-setsize={complete ? keys.length : -1}
                  aria-posinset={row.index + 1}
                  className="absolute inset-x-0 top-0"
                  style={{ height: rowHeight, transform: `translateY(${row.start}px)` }}
                >
                  <ChatRow chatKey={key} open={key === current} today={today} />
                </li>
              )
            )
          })}
        </ul>
      </div>
    </ContextMenu>
  )
}

function keyAt(e: SyntheticEvent): ChatKey | null {
  return (e.target as Element).closest<HTMLElement>('[data-chat]')?.dataset.chat ?? null
}
