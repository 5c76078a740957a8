// Rings the bell for what arrives: the desktop notification and the sound, once for each browser.
import { withEmotions } from '@/message/emotions'
import { onIncoming, type Incoming } from '@/app/incoming'
import { usePreferences } from '@/app/preferences'
import { pathOf, shownChat } from '@/app/paths'
import type { ChatKey } from '@/state/model'
import { useStore } from '@/state/store'
import { listenToWorker, showDesktop } from './desktop'
import { bell } from './rules'
import { ring } from './sound'
import { Tabs } from './tabs'

interface NotifierTexts {
  /** Stands for what was written where previews are not wanted. */
  hidden(): string
}

/** Starts to ring for the account; returns the way to stop. `open` shows a path of the client in this tab. */
export function startNotifier(account: string, texts: NotifierTexts, open: (path: string) => void): () => void {
  const tabs = new Tabs(account)
  const shown = new Map<ChatKey, () => void>()

  const look = (): void => tabs.looksAt(document.visibilityState === 'visible' && document.hasFocus() ? shownChat() : null)
  // The last three are those of the router: what is open may change without the window noticing.
  const events = ['focus', 'blur', 'pagehide', 'popstate', 'pushState', 'replaceState'] as const
  for (const e of events) addEventListener(e, look)
  document.addEventListener('visibilitychange', look)
  const unsubscribe = useStore.subscribe((state, before) => {
    if (state.chats === before.chats) return
    for (const [chat, close] of shown) {
      if ((state.chats[chat]?.unread ?? 0) > 0) continue
      close() // read here or elsewhere: nothing is left to tell
      shown.delete(chat)
    }
  })

  const stop = onIncoming((incoming: Incoming) => {
    look()
    if (!tabs.leads) return
    const chat = useStore.getState().chats[incoming.chat]
    const preferences = usePreferences.getState()
    const rings = bell(incoming, { preferences, muted: chat?.muted ?? false, lookedAt: tabs.anyLooksAt(incoming.chat), now: new Date() })
    if (rings.sound) ring()
    if (!rings.desktop) return
    const group = chat && chat.ref.type !== 1 && chat.name !== incoming.from.name
    const close = showDesktop({
      tag: `${account} ${incoming.chat}`,
      title: group ? `${incoming.from.name} · ${chat.name}` : incoming.from.name || (chat?.name ?? ''),
      body: preferences.preview ? withEmotions(incoming.text) : texts.hidden(),
      icon: incoming.from.avatar,
      path: pathOf(incoming.chat),
      open,
    })
    if (close) shown.set(incoming.chat, close)
  })

  const unlisten = listenToWorker(open)
  look()
  return () => {
    stop()
    unlisten()
    unsubscribe()
    for (const e of events) removeEventListener(e, look)
    document.removeEventListener('visibilitychange', look)
    for (const close of shown.values()) close()
    tabs.close()
  }
}
