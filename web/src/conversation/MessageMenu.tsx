import { type ReactElement, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useRowActions } from '@/message/context'
import { selectedIn } from '@/message/selected'
import { menuOf } from '@/message/Toolbar'
import type { Message } from '@/state/model'
import { ContextMenu } from '@/ui/ContextMenu'
import { findIn, indexOfKey, type Row } from './rows'

/** One context menu for all messages: which one is meant is known when it opens. */
export function MessageMenu({ rows, children }: { rows: readonly Row[]; children: ReactElement<Record<string, unknown>> }) {
  const { t } = useTranslation('message')
  const actionsOfRow = useRowActions()
  const meant = useRef<Message | null>(null)
  // As it was before the press: a right click on a Mac and a long press select the word under them by themselves.
  const selected = useRef({ key: '', text: '' })
  const keep = (event: React.SyntheticEvent) => {
    const key = keyOf(event)
    selected.current = { key, text: selectedIn(key) }
  }
  const entries = () => {
    if (!meant.current) return []
    return menuOf(meant.current, selected.current.key === meant.current.key ? selected.current.text : '', actionsOfRow, t)
  }
  return (
    <div
      role="presentation"
      className="contents"
      onPointerDownCapture={keep}
      onKeyDownCapture={keep}
      onContextMenuCapture={(event) => {
        const key = keyOf(event)
        meant.current = findIn(rows[indexOfKey(rows, key)], (message) => message.key === key) ?? null
        // The browser's own menu serves links better.
        const link = (event.target as HTMLElement).closest('a[href]') !== null
        if (link || !meant.current || actionsOfRow.commands(meant.current).length === 0) event.stopPropagation()
      }}
    >
      <ContextMenu entries={entries}>{children}</ContextMenu>
    </div>
  )
}

/** The key of the message that the event happened in; "" where there is none. */
const keyOf = (event: React.SyntheticEvent): string => (event.target as Element).closest<HTMLElement>('[data-message]')?.dataset.message ?? ''
