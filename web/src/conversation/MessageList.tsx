import { useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { dayStart } from '@/lib/time'
import type { Conversation } from '@/state/model'
import { JumpToNewest } from './JumpToNewest'
import { Line } from './Line'
import { MessageMenu } from './MessageMenu'
import { dateAbove, findIn, rowsOf } from './rows'
import { StickyDate } from './StickyDate'
import { useMessageWindow } from './useMessageWindow'

const dayOf = (at: number): string => String(dayStart(at))

/** The messages of a chat. Only those that can be seen, and some around them, are in the page. */
export function MessageList({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('conversation')
  const rows = useMemo(() => rowsOf(conversation, dayOf), [conversation])
  const scroller = useRef<HTMLDivElement>(null)
  const { items, first, containerRef, measureElement, end, look, lit, selected, toNewest, onMove } = useMessageWindow(scroller, conversation, rows)
  return (
    <div className="@container relative min-h-0 flex-1">
      <MessageMenu rows={rows}>
        <div
          ref={scroller}
          role="list"
          aria-label={t('messages')}
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached with the keyboard
          tabIndex={0}
          onScroll={look}
          onWheel={onMove}
          onTouchMove={onMove}
          className="absolute inset-0 flex flex-col overflow-x-hidden overflow-y-auto overscroll-contain outline-offset-[-2px] [overflow-anchor:none]"
        >
          <div ref={containerRef} role="presentation" className="relative mt-auto w-full shrink-0">
            {items.map((item) => {
              const row = rows[item.index]
              return (
                row && (
                  <div key={item.key} ref={measureElement} data-index={item.index} role="listitem" className="absolute top-0 left-0 w-full">
                    <Line row={row} conversation={conversation} selected={selected !== null && findIn(row, (m) => m.key === selected) !== undefined} lit={lit !== null && findIn(row, (m) => m.id === lit) !== undefined} />
                  </div>
                )
              )
            })}
          </div>
        </div>
      </MessageMenu>
      <StickyDate at={dateAbove(rows, first)} scroller={scroller} />
      {!end && <JumpToNewest below={conversation.below} onClick={toNewest} />}
    </div>
  )
}
