import { lazy, Suspense, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { focusComposer } from '@/composer/control'
import { loadTexts } from '@/i18n'
import { cn } from '@/lib/cn'
import type { ChatKey } from '@/state/model'
import { useCloseOnBack } from '@/ui/useCloseOnBack'
import { openPane, type Pane, useIsBeside, usePane } from './pane'

const DetailsPanel = lazy(() => import('@/group/DetailsPanel'))
const ThreadPanel = lazy(() => loadTexts('thread').then(() => import('./ThreadPanel')))
const ChatSearchPanel = lazy(() => loadTexts('search').then(() => import('@/search/ChatSearchPanel')))

const labels = { details: 'details', search: 'searchHere', thread: 'thread' } as const satisfies Record<NonNullable<Pane>, string>

function close(): void {
  openPane(null)
  focusComposer()
}

/** What stands beside the conversation, in the room of the list if need be; over the conversation on narrow screens. */
export function SidePane({ chat }: { chat: ChatKey }) {
  const { t } = useTranslation('conversation')
  const pane = usePane((s) => s.pane)
  const element = useRef<HTMLElement>(null)
  const before = useRef(pane)
  const beside = useIsBeside()
  useCloseOnBack(pane !== null && !beside, close)
  useEffect(() => {
    // A pane that the person opens takes the focus. One that was already open does not.
    if (pane && pane !== before.current && !element.current?.contains(document.activeElement)) element.current?.focus()
    before.current = pane
  }, [pane])
  if (!pane) return null
  return (
    <>
      {!beside && <div role="presentation" onClick={close} className="fixed inset-0 z-20 bg-black/40" />}
      <aside
        ref={element}
        tabIndex={-1}
        aria-label={t(labels[pane])}
        className={cn(
          'flex min-h-0 flex-col overflow-hidden border-line bg-ground outline-none',
          beside ? 'w-80 shrink-0 border-l 2xl:w-96' : 'fixed inset-y-0 right-0 z-20 w-full md:w-96 md:border-l md:shadow-xl',
        )}
      >
        <Suspense>
          {pane === 'details' && <DetailsPanel chat={chat} onClose={close} />}
          {pane === 'thread' && <ThreadPanel chat={chat} onClose={close} />}
          {pane === 'search' && <ChatSearchPanel chat={chat} onClose={close} />}
        </Suspense>
      </aside>
    </>
  )
}
