import { type ReactElement, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useRowActions } from '@/message/context'
import { menuOf } from '@/message/Toolbar'
import type { Message } from '@/state/model'
import { ContextMenu } from '@/ui/ContextMenu'
import type { Row } from './rows'

/** One context menu for all messages: which one is meant is known when it opens. */
export function MessageMenu({ rows, children }: { rows: readonly Row[]; children: ReactElement<Record<string, unknown>> }) {
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
