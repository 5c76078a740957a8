import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { Redirect, Route, Switch, useLocation } from 'wouter'
import { ErrorBoundary } from '@/app/ErrorBoundary'
import { useShortcuts } from '@/app/keys/useShortcuts'
import { chatOfPath, inboxTypes } from '@/app/paths'
import { usePreferences } from '@/app/preferences'
import { useIsWide } from '@/app/useIsWide'
import { ChatList } from '@/chatlist/ChatList'
import { useIsInsteadOfList } from '@/conversation/pane'
import { loadTexts } from '@/i18n'
import { cn } from '@/lib/cn'
import { AdminRoute } from './AdminRoute'
import { ChatRoute } from './ChatRoute'
import { ConnectionBanner } from './ConnectionBanner'
import { GlobalDialogs } from './GlobalDialogs'
import { NotFound } from './NotFound'
import { NotificationOffer } from './NotificationOffer'
import { PaneSplitter } from './PaneSplitter'
import { Rail } from './Rail'
import { TwoFactorBanner } from './TwoFactorBanner'
import { Welcome } from './Welcome'

const InboxPane = lazy(() => import('@/inbox/InboxPane'))
const PeoplePage = lazy(() => import('@/people/PeoplePage'))
const SearchPage = lazy(() => loadTexts('search').then(() => import('@/search/SearchPage')))
const SettingsPage = lazy(() => loadTexts('settings').then(() => import('@/settings/SettingsPage')))

/** The client of somebody who is signed in: pages, chat list, and what is open. On phones one of them at a time. */
export function Shell() {
  useShortcuts()
  const wide = useIsWide()
  const [path] = useLocation()
  const chat = chatOfPath(path)
  // An inbox has no panel.
  const noList = useIsInsteadOfList() && path.startsWith('/chat/')
  const inChats = path === '/' || chat !== null
  return (
    <div className="flex h-full flex-col">
      <ConnectionBanner />
      <TwoFactorBanner />
      <div className="flex min-h-0 flex-1 flex-col md:flex-row">
        {wide && <Rail bar={false} />}
        <div className="flex min-h-0 min-w-0 flex-1">
          {inChats && (wide || chat === null) && <ListPane wide={wide} hidden={noList} />}
          {(wide || path !== '/') && (
            <div className="flex h-full min-w-0 flex-1 flex-col bg-ground">
              <ErrorBoundary key={chat ?? path.split('/')[1]}>
                <Suspense fallback={<main className="h-full flex-1" />}>
                  <Pages />
                </Suspense>
              </ErrorBoundary>
            </div>
          )}
        </div>
        {!wide && chat === null && <Rail bar />}
      </div>
      <GlobalDialogs />
    </div>
  )
}

/** `hidden`: it stays as it is, and its place is free. */
function ListPane({ wide, hidden }: { wide: boolean; hidden: boolean }) {
  const { t } = useTranslation('shell')
  const width = usePreferences((p) => p.listWidth)
  const Region = wide ? 'section' : 'main' // where there is one pane, it is what the page is about
  return (
    <Region data-region aria-label={t('list')} className={cn('relative h-full min-w-0 flex-1 flex-col md:flex-none', hidden ? 'hidden' : 'flex')} style={wide ? { width } : undefined}>
      <div className="min-h-0 flex-1">
        <ChatList />
      </div>
      <NotificationOffer />
      {wide && <PaneSplitter />}
    </Region>
  )
}

function Pages() {
  const [path] = useLocation()
  const chat = chatOfPath(path)
  if (path === '/') return <Welcome />
  if (chat !== null && path.startsWith('/chat/')) return <ChatRoute key={chat} chat={chat} />
  return (
    <Switch>
      {/* An inbox has a category; without one, the list shows which there are. */}
      <Route path="/inbox">
        <Redirect to="/" replace />
      </Route>
      <Route path="/inbox/:category">{({ category }) => (inboxTypes[category] ? <InboxPane key={category} category={category} /> : <NotFound />)}</Route>
      <Route path="/people/:id?">{({ id }) => <PeoplePage id={id} />}</Route>
      <Route path="/search">
        <SearchPage />
      </Route>
      <Route path="/settings/:section?">{({ section }) => <SettingsPage section={section} />}</Route>
      <Route path="/admin/:section?/:id?">{({ section, id }) => <AdminRoute section={section} id={id} />}</Route>
      <Route>
        <NotFound />
      </Route>
    </Switch>
  )
}
