import { useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { dayStart } from '@/lib/time'
import type { Conversation } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { onDemand } from '@/ui/onDemand'
import { toastError } from '@/ui/toast'
import { JumpButtons } from './JumpButtons'
import { Line } from './Line'
import { MessageMenu } from './MessageMenu'
import { dateAbove, findIn, rowsOf } from './rows'
import { StickyDate } from './StickyDate'
import { useMessageWindow } from './useMessageWindow'

const UnreadBar = onDemand(() => import('./UnreadBar'), () => undefined)

const dayOf = (at: number): string => String(dayStart(at))

/** The messages of a chat. Only those that can be seen, and some around them, are in the page. */
export function MessageList({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('conversation')
  const { key: chat } = conversation
  const shake = useStore((s) => s.shakes[chat])
  const rows = useMemo(() => rowsOf(conversation, dayOf, shake), [conversation, shake])
  const unread = useStore((s) => s.chats[chat]?.unread ?? 0)
  const scroller = useRef<HTMLDivElement>(null)
  const container = useRef<HTMLDivElement>(null)
  const { slice, first, end, unread: place, atUnread, mention, lit, selected, toNewest, onScroll } = useMessageWindow(scroller, container, conversation, rows)
  const next = mention[0]
  const bar = !end && unread > 0 && place !== null
  return (
    <div className="@container relative min-h-0 flex-1">
      {bar && <UnreadBar chat={chat} count={unread} first={place} atFirst={atUnread} list={scroller} />}
      <MessageMenu rows={rows}>
        <div
          ref={scroller}
          role="list"
          aria-label={t('messages')}
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached with the keyboard
          tabIndex={0}
          onScroll={onScroll}
          className="absolute inset-0 overflow-x-hidden overflow-y-auto overscroll-contain outline-offset-[-2px] [overflow-anchor:none]"
        >
          <div ref={container} role="presentation">
            {rows.slice(slice.from, slice.to).map((row, i) => (
              <div key={row.key} data-index={slice.from + i} role="listitem" className="flow-root">
                <Line
                  row={row}
                  conversation={conversation}
                  selected={selected !== null && findIn(row, (m) => m.key === selected) !== undefined}
                  lit={lit !== null && findIn(row, (m) => m.id === lit) !== undefined}
                />
              </div>
            ))}
          </div>
        </div>
      </MessageMenu>
      <StickyDate at={dateAbove(rows, first)} scroller={scroller} low={bar} />
      <JumpButtons
        mentions={mention.length}
        unread={unread}
        end={end || conversation.messages.length === 0}
        onMention={() => next && void actions().jumpTo(chat, next).catch(toastError)}
        onNewest={toNewest}
      />
    </div>
  )
}
