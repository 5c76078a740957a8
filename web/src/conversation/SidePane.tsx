import { lazy, Suspense, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { focusComposer } from '@/composer/control'
import type { ChatKey } from '@/state/model'
import { useCloseOnBack } from '@/ui/useCloseOnBack'
import { isBeside, openPane, usePane } from './pane'

const DetailsPanel = lazy(() => import('@/group/DetailsPanel'))
const ChatSearchPanel = lazy(() => import('@/search/ChatSearchPanel'))

function close(): void {
  openPane(null)
  focusComposer()
}

/** What stands beside the conversation; over it where there is no room. */
export function SidePane({ chat }: { chat: ChatKey }) {
  const { t } = useTranslation('conversation')
  const pane = usePane((s) => s.pane)
  const element = useRef<HTMLElement>(null)
  const before = useRef(pane)
  useCloseOnBack(pane !== null && !isBeside(), close)
  useEffect(() => {
    // What was opened by hand takes the focus; what was open already leaves it where it is.
    if (pane && pane !== before.current && !element.current?.contains(document.activeElement)) element.current?.focus()
    before.current = pane
  }, [pane])
  if (!pane) return null
  return (
    <aside
      ref={element}
      tabIndex={-1}
      aria-label={t(pane === 'search' ? 'searchHere' : 'details')}
      className="fixed inset-0 z-20 flex min-h-0 flex-col overflow-hidden bg-ground outline-none lg:static lg:z-auto lg:w-80 lg:shrink-0 lg:border-l lg:border-line xl:w-96"
    >
      <Suspense>
        {pane === 'details' && <DetailsPanel chat={chat} onClose={close} />}
        {pane === 'search' && <ChatSearchPanel chat={chat} onClose={close} />}
      </Suspense>
    </aside>
  )
}
